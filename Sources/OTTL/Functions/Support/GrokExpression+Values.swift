internal import Patterns
internal import Wire

extension GrokExpression {
    /// Reads definitions as in `PASSWORD=%{WORD}`.
    static func definitions(_ texts: [String]) throws(FunctionError) -> [String: String] {
        var definitions: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(":") else {
                throw FunctionError("'\(text.prefix(40))' is not of the form NAME=pattern", parameter: 3)
            }
            definitions[parts[0]] = parts[1]
        }
        return definitions
    }

    /// The parts of a text that match, as values of their types.
    func captures(in text: Bytes) throws(EvaluationError) -> ValueMap {
        var entries: [ValueMap.Entry] = []
        for capture in captures(in: text) as [Capture] {
            let part = text[capture.range]
            let value: Value
            switch capture.type {
            case .string: value = .string(part)
            case .int: value = TypeConverters.int(.string(part))
            case .double: value = TypeConverters.double(.string(part))
            case .bool: value = TypeConverters.bool(.string(part))
            }
            guard !value.isNull else {
                throw .message(
                    "'\(part.string.prefix(80))' does not have the type that is given for '\(capture.name)'")
            }
            entries.append(ValueMap.Entry(Bytes(utf8: capture.name), value))
        }
        return ValueMap(unique: entries)
    }
}
