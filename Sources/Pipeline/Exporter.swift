public import Telemetry

/// A component that sends telemetry out of the process.
///
/// The engine puts a queue, retries and a time limit in front of it, as `delivery` says. One instance serves
/// every pipeline and signal that names its id.
public protocol Exporter: Component, Sendable {
    /// How batches wait and are tried again before they reach `export`.
    var delivery: DeliverySettings { get }
    /// Gets ready to send; called once before the first batch.
    func open() async throws(ComponentError)
    /// Sends one batch and returns when the other side has answered.
    ///
    /// May be called again before earlier calls have returned, and on another event loop than that of
    /// `lane`: a queue goes on with what other lanes have put into it.
    func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome
    /// Lets go of connections and files; called once after the last batch.
    func close() async
}

/// An exporter that is done with a batch when the call returns, such as one that only prints.
///
/// It needs no queue: the pipeline calls it on the lane, and its refusal is the sender's answer.
public protocol DirectExporter: Exporter {
    /// Takes one batch on any lane; several lanes may call at the same time.
    func write(_ batch: Batch) throws(Rejection)
}

extension Exporter {
    public func open() async throws(ComponentError) {}
    public func close() async {}
}

extension DirectExporter {
    public var delivery: DeliverySettings { DeliverySettings() }

    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        do throws(Rejection) {
            try write(batch)
        } catch {
            switch error {
            case .later(let reason, let delay): throw .retryable(reason: reason, after: delay)
            case .never(let reason, _): throw .permanent(reason: reason)
            }
        }
        return .delivered
    }
}

/// An exporter that hands batches on inside of the process, such as to the pipelines behind a connector: it
/// has to know how far its senders want them to get.
public protocol PassingExporter: Exporter {
    /// Hands one batch on and returns when every destination has it as far as `goal` says; `nil` is as far as
    /// the destinations ask for themselves.
    func export(
        _ batch: Batch, toReach goal: ClaimGoal?, on lane: Int
    ) async throws(ExportFailure) -> ExportOutcome
}

extension PassingExporter {
    public func export(_ batch: Batch, on lane: Int) async throws(ExportFailure) -> ExportOutcome {
        try await export(batch, toReach: nil, on: lane)
    }
}

/// Why a batch was not delivered.
public enum ExportFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Trying the same batch again may work, after `after` when the other side named a time.
    case retryable(reason: String, after: Duration? = nil)
    /// The other side will never take this batch.
    case permanent(reason: String)

    public var description: String {
        switch self {
        case .retryable(let reason, _), .permanent(let reason): reason
        }
    }
}

/// What the other side made of a batch it accepted.
public struct ExportOutcome: Sendable, Equatable {
    /// Items the other side rejected for good; they must not be sent again (OTLP partial success).
    public let rejectedItems: Int
    /// Items that ended on purpose where they were handed on inside of the process, such as in a connector.
    public let filteredItems: Int
    /// What the other side said, if anything.
    public let message: String

    public init(rejectedItems: Int = 0, filteredItems: Int = 0, message: String = "") {
        self.rejectedItems = rejectedItems
        self.filteredItems = filteredItems
        self.message = message
    }

    /// All items were taken without remark.
    public static let delivered = ExportOutcome()
}
