internal import Wire

/// The name of an attribute, ready for comparison with wire bytes.
///
/// A processor makes its keys once and keeps them.
public struct AttributeKey: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as text.
    public let name: String
    let utf8: [UInt8]

    /// Makes the key `name`.
    public init(_ name: String) {
        self.name = name
        utf8 = Array(name.utf8)
    }

    public init(stringLiteral value: String) { self.init(value) }

    public var description: String { name }
}

/// An attribute that is encoded once and set often.
public struct EncodedAttribute: Sendable {
    /// Its name.
    public let key: AttributeKey
    /// The encoded KeyValue.
    let message: Bytes

    /// Encodes the attribute `key` with `value`.
    public init(_ key: AttributeKey, _ value: AttributeValue) {
        self.key = key
        var writer = Writer(capacity: 64)
        writer.write(bytes: key.utf8, 1)
        writer.write(value: value, 2)
        message = writer.finish()
    }
}
