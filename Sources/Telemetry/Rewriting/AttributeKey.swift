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
    /// The highest number of a field that holds attributes: the metadata of a metric.
    private static let highestField = 12

    /// Its name.
    public let key: AttributeKey
    /// The whole field, tag included, once for each number that it may have, one after another.
    private let fields: [UInt8]
    /// How long the field is, and where its value begins.
    let size: Int
    let valueStart: Int
    /// How the value begins; see `Draft.Slot`.
    let lead: UInt16

    /// Encodes the attribute `key` with `value`.
    public init(_ key: AttributeKey, _ value: AttributeValue) {
        self.key = key
        var pair = Writer(capacity: 64)
        pair.write(bytes: key.utf8, 1)
        pair.write(value: value, 2)
        let message = pair.finish()
        var writer = Writer(capacity: Self.highestField * (message.count + 4))
        for number in 1...Self.highestField { writer.write(bytes: message, number) }
        fields = writer.finish().array
        size = fields.count / Self.highestField
        valueStart = size - message.count
        lead = message.count > 1 ? UInt16(message[0]) | UInt16(message[1]) << 8 : 0
    }

    /// The encoded KeyValue.
    var message: Bytes { Bytes(Array(fields[valueStart..<size])) }

    /// Appends the field `number`.
    @inline(__always)
    func write(_ number: Int, to writer: inout Writer) {
        let start = (number - 1) * size
        fields.withUnsafeBytes {
            writer.write(raw: UnsafeRawBufferPointer(rebasing: $0[start..<(start + size)]))
        }
    }
}
