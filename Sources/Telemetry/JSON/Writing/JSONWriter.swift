internal import Wire

/// Writes OTLP in wire form as OTLP/JSON, field by field in the order of the wire.
///
/// What it reads has been validated; that the cursor can throw is the price of sharing it.
struct JSONWriter: ~Copyable {
    /// What has been written of an object so far.
    struct Object {
        var isEmpty = true
        /// The bit of the array that is open, zero when none is.
        var openArray: UInt64 = 0
    }

    var output: BytesBuilder
    let schema = JSONSchema.shared

    init(capacity: Int) { output = BytesBuilder(capacity: capacity) }

    /// What was written.
    consuming func finish() -> Bytes { output.finish() }

    /// Writes one export request that stands in several pieces.
    mutating func writeDocument(_ chunks: [Batch.Chunk], _ kind: JSONMessage) throws(WireError) {
        let message = schema[kind.rawValue]
        var object = Object()
        output.append(UInt8(ascii: "{"))
        for chunk in chunks {
            try chunk.bytes.withSpan { (bytes) throws(WireError) in
                try writeFields(of: message, bytes, 0..<bytes.byteCount, into: &object)
            }
        }
        close(&object)
    }

    /// Writes the message in `range` as an object.
    mutating func writeMessage(_ index: UInt8, _ bytes: RawSpan, _ range: Range<Int>) throws(WireError) {
        let message = schema[index]
        var object = Object()
        output.append(UInt8(ascii: "{"))
        if try isOrderly(message, bytes, range) {
            try writeFields(of: message, bytes, range, into: &object)
        } else {
            try writeScatteredFields(of: message, bytes, range, into: &object)
        }
        close(&object)
    }

    private mutating func close(_ object: inout Object) {
        closeArray(&object)
        output.append(UInt8(ascii: "}"))
    }

    /// Whether the message can be written as it comes.
    ///
    /// It can when elements of a list follow one another and nothing else is there twice. Every encoder
    /// writes like that; protobuf allows more.
    private func isOrderly(
        _ message: JSONSchema.Message, _ bytes: RawSpan, _ range: Range<Int>
    ) throws(WireError) -> Bool {
        var cursor = Cursor(range)
        var seen: UInt64 = 0
        var last: UInt64 = 0
        while let tag = try cursor.readTag(bytes) {
            try cursor.skip(tag, bytes)
            guard let field = message.field(numbered: tag.number)?.pointee else { continue }
            if seen & field.bit != 0, field.bit != last || field.presence != .repeated { return false }
            if field.presence == .oneof, seen & message.oneof != 0 { return false }
            seen |= field.bit
            last = field.bit
        }
        return true
    }

    /// Writes the fields of an orderly message.
    private mutating func writeFields(
        of message: JSONSchema.Message, _ bytes: RawSpan, _ range: Range<Int>, into object: inout Object
    ) throws(WireError) {
        var cursor = Cursor(range)
        while let tag = try cursor.readTag(bytes) {
            guard let field = message.field(numbered: tag.number) else {
                try cursor.skip(tag, bytes)
                continue
            }
            try writeField(field, tag, bytes, &cursor, into: &object)
        }
    }

    /// Writes the fields of a message whose lists are interrupted or whose values are replaced by later ones:
    /// a pass over the message for every field that is there.
    private mutating func writeScatteredFields(
        of message: JSONSchema.Message, _ bytes: RawSpan, _ range: Range<Int>, into object: inout Object
    ) throws(WireError) {
        let oneof = try lastNumber(in: bytes, range) {
            message.field(numbered: $0)?.pointee.presence == .oneof
        }
        for index in message.fields.indices {
            let number = Int(message.fields[index].number)
            let presence = message.fields[index].presence
            if presence == .oneof, number != oneof?.number { continue }
            let last = try lastNumber(in: bytes, range) { $0 == number }
            var cursor = Cursor(range)
            while let tag = try cursor.readTag(bytes) {
                let isWanted = tag.number == number && (presence == .repeated || cursor.position == last?.end)
                if isWanted, let field = message.field(numbered: number) {
                    try writeField(field, tag, bytes, &cursor, into: &object)
                } else {
                    try cursor.skip(tag, bytes)
                }
            }
        }
    }

    /// The number of the last field that qualifies, and where its tag ends.
    private func lastNumber(
        in bytes: RawSpan, _ range: Range<Int>, _ qualifies: (Int) -> Bool
    ) throws(WireError) -> (number: Int, end: Int)? {
        var cursor = Cursor(range)
        var last: (number: Int, end: Int)?
        while let tag = try cursor.readTag(bytes) {
            if qualifies(tag.number) { last = (tag.number, cursor.position) }
            try cursor.skip(tag, bytes)
        }
        return last
    }
}
