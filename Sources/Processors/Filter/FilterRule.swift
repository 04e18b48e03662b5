internal import OTTL

/// A condition that drops telemetry of its context.
struct FilterRule: Sendable {
    /// The longest name, in Unicode scalars: it becomes a label of a metric.
    private static let nameLimit = 120

    /// The condition as it was written, cut where it is long; each gets a series of its own.
    let name: String
    let condition: Condition
    /// What happens when it cannot be evaluated; `nil` for what the processor says.
    let errorMode: ErrorMode?

    init(_ condition: Condition, errorMode: ErrorMode?) {
        let text = condition.text
        name =
            text.unicodeScalars.count <= Self.nameLimit
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.nameLimit - 1))) + "…"
        self.condition = condition
        self.errorMode = errorMode
    }
}
