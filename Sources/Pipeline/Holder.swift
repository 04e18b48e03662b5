public import Settings
public import Telemetry

/// A component that may keep telemetry and let it go at a deadline, such as batching: the second tier.
public protocol Holder: Component, HoldingStep {
    /// What is wrong with a configuration in pipelines for `signal`, where the configuration alone is right.
    static func problems(of configuration: Configuration, for signal: Signal) -> [Problem]
}

extension Holder {
    public static func problems(of configuration: Configuration, for signal: Signal) -> [Problem] { [] }
}

/// A step of a pipeline that may keep telemetry and let it go at a deadline.
///
/// What it keeps is accepted: the sender has its answer. When the next step refuses what it lets go, the
/// engine keeps it, tries again, and refuses new input meanwhile.
public protocol HoldingStep: SendableMetatype {
    /// Takes the place that it was built for, and that of the step that had it before a change, if any.
    ///
    /// It is called when the first telemetry may come. From then on the step before is only drained: one
    /// that shares what it keeps with its successor has nothing to let go of.
    mutating func begin()
    /// Takes `batch`, or refuses all of it; whatever is ready to go on is emitted.
    mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection)
    /// Lets go what is due; called when `deadline` has passed.
    mutating func release(into output: inout Output)
    /// Lets go everything, because the pipeline stops, or a part of it when all would be much at once.
    mutating func drain(into output: inout Output)
    /// Whether `drain` has let go of everything; otherwise it is called again when that has gone on.
    var isDrained: Bool { get }
    /// When `release` has to be called next; `nil` when nothing is kept.
    var deadline: Instant? { get }
    /// Whether telemetry may stay behind when `take` returns.
    static var holds: Bool { get }
}

extension HoldingStep {
    public static var holds: Bool { true }
    public var isDrained: Bool { true }
    public mutating func begin() {}
}

/// What a step hands to the engine: batches for the next step and how many items it took out and added.
public struct Output: ~Copyable {
    /// Ready to go on, in order.
    public private(set) var batches: [Batch] = []
    /// Items taken out, by reason and by the rule of the processor that said so, if it has several.
    public private(set) var removed: [(reason: Removal, rule: String?, items: Int)] = []
    /// Items that the step made of others, beyond those that it took in.
    public private(set) var added = 0

    public init() {}

    /// Sends `batch` to the next step; an empty one goes nowhere.
    public mutating func emit(_ batch: consuming Batch) {
        guard batch.itemCount > 0 else { return }
        batches.append(batch)
    }

    /// Accounts for items that end here.
    ///
    /// `rule` is what the processor has against them, in a few words; it comes from the configuration or
    /// from the code, never from telemetry, because each gets a series of its own.
    public mutating func remove(_ items: Int, _ reason: Removal, rule: String? = nil) {
        removed.append((reason, rule, items))
    }

    /// Accounts for items that begin here: a step that makes two of one has added one.
    public mutating func add(_ items: Int) { added += items }
}
