public import Wire

/// A message that has been validated, read field by field without copying.
///
/// Behind the door nothing can be malformed, so nothing here throws: what is impossible reads as absent.
/// Every look-up walks over the fields of the message, not into them, which takes a few nanoseconds for each.
public struct WireMessage: Sendable {
    /// The encoded message, without a tag or a length of its own.
    public let bytes: Bytes

    /// Reads `bytes`, which are one whole message.
    public init(_ bytes: Bytes) { self.bytes = bytes }

    /// One field: where it is and, unless it is length-delimited, its value.
    public struct Field: Sendable {
        public let tag: Tag
        /// Where the value is in the message, without tag and length.
        public let value: Range<Int>
        /// Where the field begins: its tag.
        public let start: Int
        /// Value of a varint, fixed32 or fixed64; 0 for others.
        public let bits: UInt64

        /// Number of the field.
        @inlinable public var number: Int { tag.number }
    }

    /// All fields in the order in which they are encoded, unknown ones included.
    public var fields: WireFields { WireFields(bytes) }

    /// The last occurrence of field `number`, which is the one that counts.
    public func field(_ number: Int) -> Field? {
        var found: Field?
        for field in fields where field.number == number { found = field }
        return found
    }

    /// Whether field `number` is there.
    public func has(_ number: Int) -> Bool { field(number) != nil }

    /// An unsigned integer or enumeration value; 0 when it is absent.
    public func unsigned(_ number: Int) -> UInt64 { field(number)?.bits ?? 0 }

    /// An int32 or int64; 0 when it is absent.
    public func signed(_ number: Int) -> Int64 { Int64(bitPattern: unsigned(number)) }

    /// A sint32; 0 when it is absent.
    public func zigZag(_ number: Int) -> Int {
        // As every protobuf reader does, take the lower half of what is too long for the type.
        Int(ZigZag.decode(unsigned(number) & 0xFFFF_FFFF))
    }

    /// A double, or `nil` when it is absent.
    public func double(_ number: Int) -> Double? { field(number).map { Double(bitPattern: $0.bits) } }

    /// The value of a length-delimited field; empty when it is absent.
    public func data(_ number: Int) -> Bytes { field(number).map { bytes[$0.value] } ?? .empty }

    /// The value of a string field; empty when it is absent.
    public func text(_ number: Int) -> String { field(number).map { bytes[$0.value].string } ?? "" }

    /// All occurrences of a string field.
    public func texts(_ number: Int) -> [String] {
        fields.filter { $0.number == number }.map { bytes[$0.value].string }
    }

    /// A message that occurs at most once.
    public func message<View: MessageView>(_ number: Int, as view: View.Type = View.self) -> View? {
        field(number).map { View(WireMessage(bytes[$0.value])) }
    }

    /// A repeated message.
    public func messages<View: MessageView>(_ number: Int, as view: View.Type = View.self) -> Messages<View> {
        Messages(bytes: bytes, number: number)
    }

    /// A repeated fixed64 or double (as bit patterns), packed or not.
    public func fixed64s(_ number: Int) -> [UInt64] {
        scalars(number) { cursor, span throws(WireError) in try cursor.readFixed64(span) }
    }

    /// A repeated double, packed or not.
    public func doubles(_ number: Int) -> [Double] { fixed64s(number).map { Double(bitPattern: $0) } }

    /// A repeated uint64, packed or not.
    public func varints(_ number: Int) -> [UInt64] {
        scalars(number) { cursor, span throws(WireError) in try cursor.readVarint(span) }
    }

    private func scalars(
        _ number: Int, _ read: (inout Cursor, RawSpan) throws(WireError) -> UInt64
    ) -> [UInt64] {
        var values: [UInt64] = []
        for field in fields where field.number == number {
            guard field.tag.type == .lengthDelimited else {
                values.append(field.bits)
                continue
            }
            bytes.withSpan { span in
                var cursor = Cursor(field.value)
                while !cursor.isAtEnd, let value = try? read(&cursor, span) { values.append(value) }
            }
        }
        return values
    }
}
