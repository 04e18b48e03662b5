internal import Settings

/// The query of a request.
public struct Query: Sendable {
    private let values: [String: String]

    /// Reads `name=value` pairs; of a name that comes twice the last value counts.
    public init(_ text: String?) throws(APIProblem) {
        var values: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&").prefix(100) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decoded(parts[0], plusIsSpace: true),
                let value = PercentCoding.decoded(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw .badRequest("the query has an escape that is not valid") }
            values[name] = value
        }
        self.values = values
    }

    /// The value of a name; `nil` when it is not there.
    public subscript(name: String) -> String? { values[name] }

    /// `true` or `false`; false when it is not there.
    public func flag(_ name: String) throws(APIProblem) -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .badRequest("\(name) must be true or false")
        }
    }

    /// A whole number within bounds.
    public func number(_ name: String, in range: ClosedRange<Int>) throws(APIProblem) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .badRequest(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A duration such as `30s`, from 0 up to `limit`.
    public func duration(_ name: String, upTo limit: Duration) throws(APIProblem) -> Duration? {
        guard let text = values[name] else { return nil }
        guard let value = Duration(goSyntax: text), value >= .zero, value <= limit else {
            throw .badRequest("\(name) must be a duration such as 30s or 2m, up to \(limit.goSyntax)")
        }
        return value
    }

    /// One of some words.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type
    ) throws(APIProblem) -> Choice? where Choice.RawValue == String {
        guard let text = values[name] else { return nil }
        guard let value = Choice(rawValue: text) else {
            let words = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw .badRequest("\(name) must be one of \(words)")
        }
        return value
    }
}
