public import Pipeline
internal import Settings
public import Telemetry

/// Runs one step without an engine: what is sent comes back at once, or when the time is moved.
public struct StepHarness<Step: HoldingStep> {
    /// Clock, metrics and log of the processor.
    public let surroundings: Harness
    private var step: Step

    /// Takes a step that has been built.
    public init(_ step: Step, in surroundings: Harness) {
        self.step = step
        self.surroundings = surroundings
    }

    /// When the processor wants to be called.
    public var deadline: Instant? { step.deadline }

    /// Items taken out so far, by reason.
    public private(set) var removed: [Removal: Int] = [:]

    /// Items taken out so far for which a rule was named, by rule.
    public private(set) var removedByRule: [String: Int] = [:]

    /// Items that were made of others so far.
    public private(set) var added = 0

    /// Sends a batch and returns what comes out.
    public mutating func send(_ batch: Batch) throws(Rejection) -> [Batch] {
        var output = Output()
        try step.take(batch, into: &output)
        return account(output)
    }

    /// Moves the time on and returns what the processor lets go, woken at its deadlines as the engine would.
    public mutating func advance(by duration: Duration) -> [Batch] {
        let end = surroundings.clock.now + duration
        var batches: [Batch] = []
        while let deadline = step.deadline, deadline <= end {
            surroundings.clock.advance(by: max(deadline - surroundings.clock.now, .zero))
            var output = Output()
            step.release(into: &output)
            batches += account(output)
            // A step that stays due would be called for ever.
            if let next = step.deadline, next <= deadline { break }
        }
        surroundings.clock.advance(by: max(end - surroundings.clock.now, .zero))
        return batches
    }

    /// Stops the pipeline and returns what comes out.
    public mutating func drain() -> [Batch] {
        var batches: [Batch] = []
        repeat {
            var output = Output()
            step.drain(into: &output)
            batches += account(output)
        } while !step.isDrained
        return batches
    }

    private mutating func account(_ output: borrowing Output) -> [Batch] {
        added += output.added
        for (reason, rule, items) in output.removed {
            removed[reason, default: 0] += items
            if let rule { removedByRule[rule, default: 0] += items }
        }
        return output.batches
    }
}

extension StepHarness where Step: Holder {
    /// Builds the processor from YAML; throws what the configuration or the processor objects to.
    public init(
        _ type: Step.Type, yaml: String = "{}", id: String? = nil, in surroundings: Harness = Harness()
    ) throws {
        let configuration = try Step.Configuration.decode(yaml: yaml)
        self.init(
            try Step(configuration, in: surroundings.context(.processor, id ?? Step.name)), in: surroundings)
    }
}
