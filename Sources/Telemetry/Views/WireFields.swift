internal import Wire

/// The fields of a message in the order in which they are encoded.
public struct WireFields: Sequence, IteratorProtocol, Sendable {
    private let bytes: Bytes
    private var cursor: Cursor

    init(_ bytes: Bytes) {
        self.bytes = bytes
        cursor = Cursor(0..<bytes.count)
    }

    /// The next field; `nil` at the end of the message.
    public mutating func next() -> WireMessage.Field? {
        bytes.withSpan { span in cursor.readField(span) }
    }
}

extension Cursor {
    /// Reads a whole field; `nil` at the end and, though validation leaves none, at a malformed one.
    mutating func readField(_ span: RawSpan) -> WireMessage.Field? {
        let start = position
        do throws(WireError) {
            guard let tag = try readTag(span) else { return nil }
            var value = position
            var bits: UInt64 = 0
            switch tag.type {
            case .varint: bits = try readVarint(span)
            case .fixed64: bits = try readFixed64(span)
            case .fixed32: bits = UInt64(try readFixed32(span))
            case .lengthDelimited: value = try readLengthDelimited(span).lowerBound
            case .startGroup, .endGroup: try skip(tag, span)
            }
            return WireMessage.Field(tag: tag, value: value..<position, start: start, bits: bits)
        } catch {
            return nil
        }
    }
}
