/// Why bytes are not MessagePack, or more than a reader takes, and where.
public struct MessagePackError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the bytes.
    public enum Reason: Sendable, Equatable {
        /// A value ends after what holds it.
        case truncated
        /// 0xC1, the one byte that begins no value.
        case invalidByte
        /// Arrays and maps nest more deeply than the reader goes.
        case tooDeep(limit: Int)
        /// A value has more bytes than the reader takes.
        case tooLong(limit: Int)
    }

    /// What is wrong.
    public let reason: Reason
    /// Index of the byte where the faulty value begins.
    public let offset: Int

    /// Makes an error about the value that begins at `offset`.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "\(explanation) at byte \(offset)" }

    /// What is wrong, without the place.
    public var explanation: String {
        switch reason {
        case .truncated: "value ends after what holds it"
        case .invalidByte: "the byte 0xc1 begins no value"
        case .tooDeep(let limit): "values nest more than \(limit) deep"
        case .tooLong(let limit): "value is longer than \(limit) bytes"
        }
    }
}
