/// Why a pattern is refused.
public struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in one sentence without a full stop.
    public let message: String
    /// Where in the pattern, in bytes of its UTF-8 from 0; `nil` when that is not known.
    public let position: Int?

    init(_ message: String, at position: Int? = nil) {
        self.message = message
        self.position = position
    }

    public var description: String {
        position.map { "\(message), at character \($0 + 1) of the pattern" } ?? message
    }
}

/// Thrown where what replacements make would be larger than allowed; nothing has been changed.
public struct ReplacementTooLarge: Error, Sendable, Equatable, CustomStringConvertible {
    /// How many bytes were allowed.
    public let limit: Int

    public init(limit: Int) { self.limit = limit }

    public var description: String { "the text with its replacements would be larger than \(limit) bytes" }
}
