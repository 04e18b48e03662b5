internal import Wire

/// The value of one field of what is kept: a number or bytes.
struct KeptField {
    let number: UInt64
    let bytes: [UInt8]

    /// Reads fields one after the other.
    static func read(_ bytes: [UInt8], _ take: (Int, KeptField) -> Void) throws(WireError) {
        let memory = Bytes(bytes)
        try memory.withSpan { (span) throws(WireError) in
            var cursor = Cursor(0..<memory.count)
            while let tag = try cursor.readTag(span) {
                switch tag.type {
                case .varint: take(tag.number, KeptField(number: try cursor.readVarint(span), bytes: []))
                case .lengthDelimited:
                    let range = try cursor.readLengthDelimited(span)
                    take(tag.number, KeptField(number: 0, bytes: memory[range].array))
                default: try cursor.skip(tag, span)
                }
            }
        }
    }
}
