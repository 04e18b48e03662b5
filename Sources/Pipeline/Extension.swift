/// A component beside the pipelines, such as a health endpoint.
public protocol Extension: Component, Sendable {
    /// Opens what has to be opened, calls `session.ready()`, works until `session.stopRequested()` returns.
    func run(_ session: ExtensionSession) async throws(ComponentError)
}

/// What an extension works with while it runs.
public struct ExtensionSession: Sendable {
    private let lifeline: Lifeline
    /// How the collector is doing, read at the moment it is asked.
    public let health: @Sendable () -> CollectorHealth
    /// The way to be managed from far away; `nil` where the collector was started without one.
    public let managed: (any ManagedCollector)?

    public init(
        lifeline: Lifeline, managed: (any ManagedCollector)? = nil,
        health: @escaping @Sendable () -> CollectorHealth
    ) {
        self.lifeline = lifeline
        self.managed = managed
        self.health = health
    }

    /// Says that everything is open.
    public func ready() { lifeline.ready() }

    /// Waits until the extension has to stop and gives the time it has for that.
    public func stopRequested() async -> Duration { await lifeline.stopRequested() }
}
