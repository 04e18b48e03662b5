/// What a component is used for; also the section of the configuration it stands in.
public enum ComponentKind: String, CaseIterable, Sendable {
    case receiver, processor, exporter, connector, `extension`

    /// The key of the configuration section, such as `receivers`.
    public var section: String { rawValue + "s" }
}

/// The name of a configured component: `type` or `type/name`, as in `otlp/2`.
public struct ComponentID: Hashable, Sendable, CustomStringConvertible {
    /// Which component it is, such as `otlp`.
    public let type: String
    /// What tells two instances of one type apart; `nil` when the identifier is the bare type.
    public let name: String?

    public init(type: String, name: String? = nil) {
        self.type = type
        self.name = name
    }

    /// Reads `type[/name]`.
    ///
    /// The type is a letter followed by at most 62 letters, digits or underscores; the name is 1 to 1024
    /// characters without control characters or white space at its ends. Returns `nil` otherwise.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = parts.first, Self.isType(type) else { return nil }
        self.type = String(type)
        guard parts.count == 2 else {
            name = nil
            return
        }
        guard Self.isName(parts[1]) else { return nil }
        name = String(parts[1])
    }

    public var description: String { name.map { "\(type)/\($0)" } ?? type }

    private static func isType(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 63 else { return false }
        let isLetter = { (byte: UInt8) in (65...90).contains(byte) || (97...122).contains(byte) }
        return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == 95 }
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.first, let last = text.last, text.utf8.count <= 1024 else { return false }
        let hasControl = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return !first.isWhitespace && !last.isWhitespace && !hasControl
    }
}
