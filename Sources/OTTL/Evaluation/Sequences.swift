public import Settings
public import Telemetry

/// What happens when a statement or condition cannot be evaluated.
public enum ErrorMode: String, SettingChoice {
    /// It is reported, and the next one follows.
    case ignore
    /// The next one follows, and nobody hears of it.
    case silent
    /// It ends the work, and the telemetry is refused.
    case propagate
}

/// What could not be evaluated, and why.
public struct StatementFailure: Error, Sendable, CustomStringConvertible {
    /// The statement or condition as it was written.
    public let text: String
    public let error: EvaluationError

    public init(text: String, error: EvaluationError) {
        self.text = text
        self.error = error
    }

    public var description: String { "\(text): \(error)" }
}

/// Statements of one context that run one after the other.
public struct StatementSequence: Sendable {
    public let statements: [Statement]
    public let errorMode: ErrorMode

    public init(_ statements: [Statement], errorMode: ErrorMode) {
        self.statements = statements
        self.errorMode = errorMode
    }

    /// Where the rewriter has to show telemetry for them.
    public var places: Places { statements.reduce(into: []) { $0.formUnion($1.places) } }

    /// Whether one of them may change what is around the telemetry of its context.
    public var changesParents: Bool { statements.contains { $0.changesParents } }

    /// Runs all of them; with `ignore`, `report` hears of those that failed.
    public func run(
        _ frame: Frame, report: (StatementFailure) -> Void
    ) throws(StatementFailure) {
        for index in statements.indices {
            do throws(EvaluationError) {
                try statements[index].run(frame)
            } catch {
                let failure = StatementFailure(text: statements[index].text, error: error)
                switch errorMode {
                case .ignore: report(failure)
                case .silent: break
                case .propagate: throw failure
                }
            }
        }
    }
}

/// Conditions of one context of which one has to hold.
public struct ConditionSequence: Sendable {
    public let conditions: [Condition]
    public let errorMode: ErrorMode

    public init(_ conditions: [Condition], errorMode: ErrorMode) {
        self.conditions = conditions
        self.errorMode = errorMode
    }

    /// Where the rewriter has to show telemetry for them.
    public var places: Places { conditions.reduce(into: []) { $0.formUnion($1.places) } }

    /// Whether one of them holds.
    ///
    /// One that fails does not hold; with `ignore`, `report` hears of it.
    public func holds(
        _ frame: Frame, report: (StatementFailure) -> Void
    ) throws(StatementFailure) -> Bool {
        for index in conditions.indices {
            do throws(EvaluationError) {
                if try conditions[index].holds(frame) { return true }
            } catch {
                let failure = StatementFailure(text: conditions[index].text, error: error)
                switch errorMode {
                case .ignore: report(failure)
                case .silent: break
                case .propagate: throw failure
                }
            }
        }
        return false
    }
}
