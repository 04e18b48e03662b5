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
