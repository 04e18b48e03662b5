public import Telemetry

/// A step that changes telemetry on its way through: the first tier, which nine in ten processors are.
///
/// Each pipeline has its own value on every lane, so a processor keeps state without a lock. The engine moves
/// the batch on, counts it, times it and answers its sender.
public protocol Processor: PassingStep {
    /// Changes `batch` in place. A batch left empty goes no further; its items count as `removal`.
    mutating func process(_ batch: inout Batch) throws(Rejection)

    /// What taking items out of a batch means for this processor.
    static var removal: Removal { get }
}

/// A processor that keeps nothing and says more about what it takes out than `Processor` can: `take` removes
/// items by rule.
public protocol PassingStep: Holder {}

/// Why items that a processor took out are gone.
public enum Removal: String, CaseIterable, Sendable {
    case filtered, sampledOut = "sampled_out", expired
}

extension PassingStep {
    public static var holds: Bool { false }
    public var deadline: Instant? { nil }
    public mutating func release(into output: inout Output) {}
    public mutating func drain(into output: inout Output) {}
}

extension Processor {
    public static var removal: Removal { .filtered }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        let before = batch.itemCount
        try process(&batch)
        let after = batch.itemCount
        if after < before { output.remove(before - after, Self.removal) }
        output.emit(batch)
    }
}
