/// Why bytes are not telemetry, and where.
public struct InvalidTelemetry: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, naming the message and the field: `Span.name is not valid UTF-8`.
    public let reason: String
    /// Index of the faulty byte in the input.
    public let offset: Int

    /// Makes an error about the byte at `offset`.
    public init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "\(reason) at byte \(offset)" }
}
