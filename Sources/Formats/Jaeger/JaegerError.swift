/// Why a message is not spans in one of Jaeger's formats, and where.
public struct JaegerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the message.
    public let reason: String
    /// Index of the byte where the faulty value begins.
    public let offset: Int

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    init(_ error: ThriftError) { self.init(error.explanation, at: error.offset) }

    public var description: String { "\(reason) at byte \(offset)" }
}
