/// Why bytes are not the message of the Forward protocol that was expected.
public struct ForwardError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    init(_ message: String, _ cause: MessagePackError) { description = "\(message): \(cause)" }
}
