public import Transport

/// What a receiver's server asks before it takes a request: the budget of the process.
///
/// Give it to the servers that take telemetry and to no others: health probes and metrics have to be answered
/// while there is no memory for telemetry.
public struct ReceiverMemory: ServerMemory {
    private let budget: MemoryBudget
    private let refused: Counter

    /// Counts refusals as those of the component in `context`; `transport` is the label of that name, such as
    /// `grpc`.
    public init(_ context: Context, transport: String) {
        budget = context.memory
        refused = context.metrics.counter(
            "apus_receiver_refused_requests", "Requests refused before they were read, by reason.",
            labels: [("receiver", context.id.description), ("transport", transport), ("reason", "memory")])
    }

    public func admitsRequest() -> Bool { budget.admits() }

    public var allowsReading: Bool { budget.state != .hard }

    public var limit: Int { budget.limits?.hard ?? .max }

    public var room: Int { budget.room }

    public func countRefusal() { refused.add(1) }
}
