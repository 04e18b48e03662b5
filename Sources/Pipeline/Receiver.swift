public import Telemetry

/// A component that brings telemetry into pipelines.
///
/// One instance serves every pipeline and signal that names its id.
public protocol Receiver: Component, Sendable {
    /// When senders get their answer: what the receiver embeds in its keys.
    var settings: ReceiverSettings { get }
    /// Opens what has to be opened, calls `session.ready()`, works until `session.stopRequested()` returns.
    ///
    /// Throwing before `ready()` means the receiver could not start; throwing afterwards is a permanent error
    /// of this component. After a stop is requested nothing new may be accepted, and what was accepted must
    /// have been handed on when the method returns.
    func run(_ session: ReceiverSession) async throws(ComponentError)
}

extension Receiver {
    public var settings: ReceiverSettings { ReceiverSettings() }
}

/// What a receiver works with while it runs.
public struct ReceiverSession: Sendable {
    private let makeOutlet: @Sendable (Signal, String) -> Outlet?
    private let lifeline: Lifeline

    /// `outlet` gives the way into the pipelines of a signal for data that came over a named transport.
    public init(
        lifeline: Lifeline, outlet: @escaping @Sendable (_ signal: Signal, _ transport: String) -> Outlet?
    ) {
        self.lifeline = lifeline
        makeOutlet = outlet
    }

    /// The way into the pipelines of `signal`; `nil` when no pipeline of that signal names the receiver.
    ///
    /// `transport` becomes the label of that name on the receiver's metrics: `grpc`, `http`, `udp` …
    public func outlet(for signal: Signal, transport: String) -> Outlet? { makeOutlet(signal, transport) }

    /// Says that everything is open and data is welcome.
    public func ready() { lifeline.ready() }

    /// Waits until the receiver has to stop and gives the time it has for that.
    public func stopRequested() async -> Duration { await lifeline.stopRequested() }
}
