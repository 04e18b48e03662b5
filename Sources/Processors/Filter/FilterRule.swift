internal import OTTL

/// A condition that drops telemetry of its context.
struct FilterRule: Sendable {
    /// The condition as it was written, cut where it is long; each gets a series of its own.
    let name: String
    let condition: Condition
    /// What happens when it cannot be evaluated; `nil` for what the processor says.
    let errorMode: ErrorMode?

    init(_ condition: Condition, errorMode: ErrorMode?) {
        name = StatementLabel.text(condition.text)
        self.condition = condition
        self.errorMode = errorMode
    }
}
