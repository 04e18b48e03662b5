/// Why bytes are not a message of Apache Thrift, or not the one that was expected, and where.
public struct ThriftError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with the bytes.
    public enum Reason: Sendable, Equatable {
        /// A value ends after what holds it, or claims more elements than there are bytes.
        case truncated
        /// A number has more bits than its type.
        case numberTooLarge
        /// A length or a count below zero.
        case negativeLength
        /// A type that does not exist.
        case unknownType(UInt8)
        /// The message begins with something else than the protocol wants.
        case wrongHeader
        /// Structs, lists and maps nest more deeply than the reader goes.
        case tooDeep(limit: Int)
        /// A field that has to be there is not.
        case missing(field: String, of: String)
        /// A list has elements of another type than it has to have.
        case wrongElements(of: String)
        /// A list, or lists that belong together, have more elements than whoever reads them takes.
        case tooManyElements(of: String, limit: Int)
        /// The message is a call of something else.
        case unknownMethod(String)
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
        case .numberTooLarge: "number is too large for its type"
        case .negativeLength: "length is negative"
        case .unknownType(let type): "there is no type \(type)"
        case .wrongHeader: "the header of the message is not that of the protocol"
        case .tooDeep(let limit): "values nest more than \(limit) deep"
        case .missing(let field, let message): "\(message) has no \(field)"
        case .wrongElements(let list): "\(list) is not a list of structs"
        case .tooManyElements(let list, let limit): "there are more than \(limit) \(list)"
        case .unknownMethod(let name): "there is no method '\(name)'"
        }
    }
}
