public import Wire

/// An expression in the dialect of grok: `%{SYNTAX}`, `%{SYNTAX:name}` and `%{SYNTAX:name:type}` stand for
/// patterns that have a name, everything else is a regular expression.
///
/// Types are `int` and `long`, `float` and `double`, `bool` and `boolean`, `string`.
public struct GrokExpression: Sendable {
    /// What a part of the text becomes.
    public enum CaptureType: Sendable {
        case string, int, double, bool
    }

    /// A part of the text that has a name.
    public struct Capture: Sendable {
        public let name: String
        public let type: CaptureType
        /// Where it is in the text, in bytes.
        public let range: Range<Int>
    }

    private let expression: RegularExpression
    /// What the groups of the expression stand for, by index.
    private let targets: [(index: Int, name: String, type: CaptureType)]

    /// Compiles an expression.
    ///
    /// `namedOnly` leaves out `%{SYNTAX}` without a name, which otherwise gets the name of its pattern.
    /// `definitions` come before the patterns that are built in. Patterns may use each other 20 deep; the
    /// whole has a `RegularExpression.lengthLimit`.
    public init(_ pattern: String, namedOnly: Bool, definitions: [String: String]) throws(PatternError) {
        var expansion = Expansion(namedOnly: namedOnly, definitions: definitions)
        let text = try expansion.expand(pattern, depth: 0)
        expression = try RegularExpression(text)
        var targets: [(Int, String, CaptureType)] = []
        for (index, name) in expression.groupNames.enumerated() {
            guard let name else { continue }
            let target = expansion.targets[name] ?? (name, .string)
            targets.append((index, target.name, target.type))
        }
        self.targets = targets
    }

    /// Whether any part has a name.
    public var hasCaptures: Bool { !targets.isEmpty }

    /// The parts of the first match that are not empty; of several with one name the first.
    public func captures(in text: Bytes) -> [Capture] {
        guard let match = expression.firstMatch(in: text) else { return [] }
        var names: Set<String> = []
        return targets.compactMap { target in
            guard let range = match[target.index], !range.isEmpty, names.insert(target.name).inserted else {
                return nil
            }
            return Capture(name: target.name, type: target.type, range: range)
        }
    }

    /// Replaces what stands for patterns.
    private struct Expansion {
        let namedOnly: Bool
        let definitions: [String: String]
        /// What the groups that were made stand for.
        var targets: [String: (name: String, type: CaptureType)] = [:]
        private var length = 0

        init(namedOnly: Bool, definitions: [String: String]) {
            self.namedOnly = namedOnly
            self.definitions = definitions
        }

        mutating func expand(_ pattern: String, depth: Int) throws(PatternError) -> String {
            guard depth <= 20 else { throw PatternError("grok patterns use each other more than 20 deep") }
            var result = ""
            var rest = Substring(pattern)
            while let start = rest.firstRange(of: "%{") {
                result += rest[..<start.lowerBound]
                guard let end = rest[start.upperBound...].firstIndex(of: "}"),
                    let reference = Reference(rest[start.upperBound..<end])
                else {
                    // Something else than a reference stands for itself.
                    result += "%{"
                    rest = rest[start.upperBound...]
                    continue
                }
                result += try expand(reference, depth: depth)
                rest = rest[rest.index(after: end)...]
            }
            result += rest
            length += result.utf8.count
            guard length <= RegularExpression.lengthLimit * 4 else {
                throw PatternError("the grok pattern grows too large")
            }
            return result
        }

        private mutating func expand(_ reference: Reference, depth: Int) throws(PatternError) -> String {
            guard let pattern = definitions[reference.syntax] ?? GrokPatterns.all[reference.syntax] else {
                throw PatternError("there is no grok pattern '\(reference.syntax)'; it can be defined")
            }
            let type = try reference.captureType()
            guard reference.name != nil || !namedOnly else {
                return "(?:" + (try expand(pattern, depth: depth + 1)) + ")"
            }
            let group = "grok_\(targets.count)"
            targets[group] = (reference.name ?? reference.syntax, type)
            return "(?P<\(group)>" + (try expand(pattern, depth: depth + 1)) + ")"
        }
    }

    /// What stands between `%{` and `}`.
    private struct Reference {
        let syntax: String
        let name: String?
        let type: String?

        init?(_ text: Substring) {
            let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(
                String.init)
            let isWord = { (text: String) in
                !text.isEmpty && text.utf8.allSatisfy { GroupScan.isNameByte($0) }
            }
            guard parts.allSatisfy(isWord) else { return nil }
            syntax = parts[0]
            name = parts.count > 1 ? parts[1] : nil
            type = parts.count > 2 ? parts[2] : nil
        }

        func captureType() throws(PatternError) -> CaptureType {
            switch type {
            case nil, "string": return .string
            case "int", "long": return .int
            case "double", "float": return .double
            case "bool", "boolean": return .bool
            case let other?:
                throw PatternError(
                    "there is no grok type '\(other)'; use int, long, float, double or boolean")
            }
        }
    }
}
