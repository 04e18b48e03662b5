internal import Wire

/// A field of a message in protobuf, as far as pages of metrics need it.
struct ProtobufField {
    let number: Int
    let type: WireType
    /// The value of a number, as its bits.
    var bits: UInt64 = 0
    /// Where a text or a message is; empty for numbers.
    var range = 0..<0

    var double: Double { Double(bitPattern: bits) }
    var zigZag: Int64 { ZigZag.decode(bits) }
}

extension Cursor {
    /// The next field; `nil` at the end of the message.
    mutating func nextField(_ page: Bytes) throws(ExpositionError) -> ProtobufField? {
        do throws(WireError) {
            return try page.withSpan { (span) throws(WireError) in
                guard let tag = try readTag(span) else { return nil }
                var field = ProtobufField(number: tag.number, type: tag.type)
                switch tag.type {
                case .varint: field.bits = try readVarint(span)
                case .fixed64: field.bits = try readFixed64(span)
                case .fixed32: field.bits = UInt64(try readFixed32(span))
                case .lengthDelimited: field.range = try readLengthDelimited(span)
                case .startGroup, .endGroup: try skip(tag, span)
                }
                return field
            }
        } catch {
            throw ExpositionError("\(error.reason) in a message", at: .byte(error.offset))
        }
    }

    /// The place of a message after its length.
    mutating func nextMessage(_ page: Bytes) throws(ExpositionError) -> Range<Int> {
        do throws(WireError) {
            return try page.withSpan { (span) throws(WireError) in try readLengthDelimited(span) }
        } catch {
            throw ExpositionError("the page ends within a message", at: .byte(error.offset))
        }
    }
}

extension Bytes {
    /// Walks over the fields of the message at a place.
    func forEachField(
        in message: Range<Int>, _ body: (ProtobufField) throws(ExpositionError) -> Void
    ) throws(ExpositionError) {
        var cursor = Cursor(message)
        while let field = try cursor.nextField(self) { try body(field) }
    }

    /// Calls `body` with each number of a list, packed or not, that is in a field.
    func forEachNumber(
        in field: ProtobufField, _ body: (UInt64) throws(ExpositionError) -> Void
    ) throws(ExpositionError) {
        guard field.type == .lengthDelimited else { return try body(field.bits) }
        var cursor = Cursor(field.range)
        while !cursor.isAtEnd {
            let value: UInt64
            do throws(WireError) {
                value = try withSpan { (span) throws(WireError) in try cursor.readVarint(span) }
            } catch {
                throw ExpositionError("\(error.reason) in a list", at: .byte(error.offset))
            }
            try body(value)
        }
    }

    /// Calls `body` with each double of a list, packed or not, that is in a field.
    func forEachDouble(
        in field: ProtobufField, _ body: (Double) throws(ExpositionError) -> Void
    ) throws(ExpositionError) {
        guard field.type == .lengthDelimited else { return try body(field.double) }
        guard field.range.count.isMultiple(of: 8) else {
            throw ExpositionError("a list of doubles is cut off", at: .byte(field.range.lowerBound))
        }
        for start in stride(from: field.range.lowerBound, to: field.range.upperBound, by: 8) {
            let bits = (0..<8).reduce(UInt64(0)) { $0 | UInt64(self[start + $1]) << UInt64(8 * $1) }
            try body(Double(bitPattern: bits))
        }
    }
}
