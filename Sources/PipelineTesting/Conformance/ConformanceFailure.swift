/// What a component does not do as every component must.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// The name of the component.
    public let component: String
    /// One sentence for each rule that is broken.
    public let violations: [String]

    public var description: String {
        violations.map { "\(component): \($0)" }.joined(separator: "\n")
    }
}

/// Collects violations.
struct ConformanceReport {
    private let component: String
    private var violations: [String] = []

    init(_ component: String) {
        self.component = component
    }

    mutating func expect(_ condition: Bool, _ violation: @autoclosure () -> String) {
        if !condition { violations.append(violation()) }
    }

    mutating func fail(_ violation: String) { violations.append(violation) }

    func finish() throws(ConformanceFailure) {
        guard violations.isEmpty else {
            throw ConformanceFailure(component: component, violations: violations)
        }
    }
}
