public import Telemetry
internal import Wire

/// Statements or conditions tried on telemetry, with what each of them did.
public struct Trial: Sendable {
    /// How many failures of a statement are kept with their place; all are counted.
    public static let failureLimit = 10

    /// What one statement or condition did.
    public struct Outcome: Sendable {
        /// As it was written.
        public let text: String
        /// How many pieces of telemetry it ran on.
        public internal(set) var ran = 0
        /// For how many of them its condition held.
        public internal(set) var held = 0
        /// How many of them it changed.
        public internal(set) var changed = 0
        /// How often it failed.
        public internal(set) var failed = 0
        /// The first failures.
        public internal(set) var failures: [Failure] = []

        init(_ text: String) { self.text = text }

        mutating func fail(_ place: Int, _ error: EvaluationError) {
            failed += 1
            if failures.count < Trial.failureLimit { failures.append(Failure(place: place, error: error)) }
        }
    }

    /// Where a statement failed and why.
    public struct Failure: Sendable {
        /// Which piece of telemetry of the context it was, from 1.
        public let place: Int
        public let error: EvaluationError
    }

    /// The telemetry as it became.
    public let batch: Batch
    /// In the order of the statements.
    public let outcomes: [Outcome]

    /// Runs statements of one context on `batch`, each on what those before it made of it.
    public init(_ statements: [Statement], on batch: Batch, _ surroundings: Surroundings) {
        var (batch, outcomes, place) = (batch, statements.map { Outcome($0.text) }, 0)
        let sequence = StatementSequence(statements, errorMode: .ignore)
        batch.rewrite(sequence.places, changesParents: sequence.changesParents) { draft in
            let frame = Frame(draft, surroundings)
            place += 1
            for (index, statement) in statements.enumerated() {
                let before = Self.snapshot(of: draft, withParents: statement.changesParents)
                outcomes[index].ran += 1
                do throws(EvaluationError) {
                    if try statement.run(frame) { outcomes[index].held += 1 }
                } catch {
                    outcomes[index].fail(place, error)
                }
                let after = Self.snapshot(of: draft, withParents: statement.changesParents)
                let isSame = zip(before, after).allSatisfy { $0.isEqual(to: $1) }
                if !isSame { outcomes[index].changed += 1 }
            }
        }
        self.batch = batch
        self.outcomes = outcomes
    }

    /// Tries conditions of one context on `batch`, which they leave as it is.
    public init(_ conditions: [Condition], on batch: Batch, _ surroundings: Surroundings) {
        var (copy, outcomes, place) = (batch, conditions.map { Outcome($0.text) }, 0)
        copy.rewrite(ConditionSequence(conditions, errorMode: .ignore).places) { draft in
            let frame = Frame(draft, surroundings)
            place += 1
            for (index, condition) in conditions.enumerated() {
                outcomes[index].ran += 1
                do throws(EvaluationError) {
                    if try condition.holds(frame) { outcomes[index].held += 1 }
                } catch {
                    outcomes[index].fail(place, error)
                }
            }
        }
        self.batch = batch
        self.outcomes = outcomes
    }

    /// A draft, and what is around it, as they are now.
    private static func snapshot(of draft: Draft, withParents: Bool) -> [Bytes] {
        var (snapshot, next) = ([draft.current.bytes], draft.parent)
        while withParents, let parent = next {
            snapshot.append(parent.current.bytes)
            next = parent.parent
        }
        return snapshot
    }
}
