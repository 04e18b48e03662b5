/// Something to tell the author of a configuration, with its place.
public struct Diagnostic: Sendable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        /// Worth knowing; nothing is wrong.
        case note
        /// Probably not what was meant, or will stop working one day.
        case warning
        /// The configuration cannot be used.
        case error

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    public let severity: Severity
    /// Where it is; `nil` when there is no such place, as for a file that cannot be read.
    public let position: Position?
    /// The keys and indices that lead to the value, from the root.
    public let path: [String]
    public let message: String
    /// What the author probably meant, such as the key that was misspelt.
    public let suggestion: String?
    /// What must not be shown of the line that the diagnostic is about.
    var hidden = HiddenTexts()

    public init(
        _ severity: Severity = .error, at position: Position? = nil, path: [String] = [], _ message: String,
        suggestion: String? = nil
    ) {
        self.severity = severity
        self.position = position
        self.path = path
        self.message = message
        self.suggestion = suggestion
    }

    /// The path as users write it: `receivers::otlp::protocols`.
    public var keyPath: String { path.joined(separator: "::") }

    /// The path as a JSON Pointer (RFC 6901): `/receivers/otlp/protocols`.
    public var pointer: String {
        path.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: path: message (did you mean 'x'?)`, without the severity.
    public var description: String {
        var parts: [String] = []
        if let position { parts.append("\(position)") }
        if !path.isEmpty { parts.append(keyPath) }
        parts.append(suggestion.map { "\(message) (did you mean '\($0)'?)" } ?? message)
        return parts.joined(separator: ": ")
    }
}
