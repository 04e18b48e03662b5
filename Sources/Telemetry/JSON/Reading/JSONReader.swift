internal import Wire

/// Reads OTLP/JSON and writes the same messages in wire form as it goes.
///
/// A nested message is begun on the wire when its brace opens and its length is filled in when it closes, so
/// nothing is held but the position, the output and one bit per key seen on the way down.
struct JSONReader: ~Copyable {
    let input: JSONInput
    var position = 0
    var output: Writer
    let schema = JSONSchema.shared
    /// How long the last message of each kind was on the wire: the best guess for the next one.
    private var lengths = [Int](repeating: 0, count: JSONMessage.allCases.count)
    private var valueDepth = 0

    /// Reads `input`, which has to outlive the reader.
    init(_ input: JSONInput) {
        self.input = input
        output = Writer(capacity: input.end / 2 + 64)
    }

    /// What was read, in memory of the right size.
    consuming func finish() -> Bytes { output.finish().withUnsafeBytes { Bytes(copying: $0) } }

    /// Reads the whole text as one message.
    mutating func readDocument(_ message: JSONMessage) throws(JSONFault) {
        let hasByteOrderMark =
            input.end >= 3 && input.bytes[0] == 0xEF && input.bytes[1] == 0xBB && input.bytes[2] == 0xBF
        position = input.skippingSpace(hasByteOrderMark ? 3 : 0)
        try readMessage(message.rawValue)
        skipSpace()
        guard position == input.end else { throw JSONFault("text after the end of the object", at: position) }
    }

    /// Reads an object and writes its fields.
    mutating func readMessage(_ index: UInt8) throws(JSONFault) {
        guard take("{") else { throw JSONFault("expected an object", at: position) }
        let isValue = index == JSONMessage.anyValue.rawValue
        if isValue {
            valueDepth += 1
            guard valueDepth <= Validator.nestingLimit else {
                throw JSONFault("values nested more than \(Validator.nestingLimit) deep", at: position)
            }
        }
        let message = schema[index]
        var seen: UInt64 = 0
        skipSpace()
        if !take("}") {
            repeat {
                skipSpace()
                try readMember(of: message, seen: &seen)
                skipSpace()
            } while take(",")
            guard take("}") else { throw JSONFault("expected , or } inside an object", at: position) }
        }
        if isValue { valueDepth -= 1 }
    }

    /// Reads a key and its value; `seen` holds the bits of the keys before it.
    private mutating func readMember(
        of message: JSONSchema.Message, seen: inout UInt64
    ) throws(JSONFault) {
        let keyStart = position
        let key = try readKey()
        guard let field = try find(key, in: message) else { return try skipValue(depth: 0) }
        do throws(JSONFault) {
            guard seen & field.pointee.bit == 0 else { throw JSONFault("key comes twice", at: keyStart) }
            seen |= field.pointee.bit
            if takeNull() { return }
            if field.pointee.presence == .oneof {
                guard seen & JSONSchema.reservedBit == 0 else {
                    throw JSONFault("a value of another kind is there already", at: keyStart)
                }
                seen |= JSONSchema.reservedBit
            }
            try readField(field)
        } catch {
            throw error.inside(String(decoding: field.pointee.name, as: UTF8.self))
        }
    }

    /// Reads a key and the colon after it; stops at the value.
    @inline(__always)
    mutating func readKey() throws(JSONFault) -> JSONInput.Text {
        guard take("\"") else { throw JSONFault("expected a key", at: position) }
        let key = try input.scanString(from: position)
        position = key.end + 1
        skipSpace()
        guard take(":") else { throw JSONFault("expected : after a key", at: position) }
        skipSpace()
        return key
    }

    @inline(__always)
    private func find(
        _ key: JSONInput.Text, in message: JSONSchema.Message
    ) throws(JSONFault) -> UnsafePointer<JSONSchema.Field>? {
        guard key.hasEscapes else { return message.field(named: input.plain(key)) }
        return try unescaped(key).withUnsafeBytes {
            message.field(named: $0.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// What a string with escapes stands for, in memory of its own.
    func unescaped(_ text: JSONInput.Text) throws(JSONFault) -> Bytes {
        var writer = Writer(capacity: text.count)
        try input.unescape(text, into: &writer)
        return writer.finish()
    }

    /// Reads a message into field `number`.
    mutating func readNested(_ child: UInt8, _ number: Int) throws(JSONFault) {
        let mark = output.begin(number, expecting: lengths[Int(child)])
        let start = output.count
        try readMessage(child)
        lengths[Int(child)] = output.count - start
        output.end(mark)
    }

    @inline(__always)
    mutating func skipSpace() { position = input.skippingSpace(position) }

    /// Steps over `character` when it comes next.
    @inline(__always)
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < input.end, input.bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// The next byte; zero, which begins nothing, at the end of the text.
    @inline(__always)
    var next: UInt8 { position < input.end ? input.bytes[position] : 0 }

    /// Steps over `null` when it comes next.
    @inline(__always)
    mutating func takeNull() -> Bool {
        next == UInt8(ascii: "n") && takeWord("null")
    }

    mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard input.end - position >= count else { return false }
        for index in 0..<count where input.bytes[position + index] != word.utf8Start[index] { return false }
        position += count
        return true
    }
}
