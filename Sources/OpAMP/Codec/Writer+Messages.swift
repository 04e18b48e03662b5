internal import Wire

// Fields that hold their default are left out, as proto3 has it; messages that are there are written even
// when they are empty.
extension Writer {
    mutating func put(_ text: String, _ number: Int) {
        if !text.isEmpty { write(string: text, number) }
    }

    mutating func put(_ bytes: [UInt8], _ number: Int) {
        if !bytes.isEmpty { write(bytes: bytes, number) }
    }

    mutating func put(_ value: UInt64, _ number: Int) {
        if value != 0 { write(varint: value, number) }
    }

    mutating func put(_ value: Bool, _ number: Int) {
        if value { write(bool: true, number) }
    }

    mutating func put(_ value: some WireEnumeration, _ number: Int) { put(value.rawValue, number) }

    mutating func put(fixed64 value: UInt64, _ number: Int) {
        if value != 0 { write(fixed64: value, number) }
    }

    mutating func put(_ value: Double, _ number: Int) { put(fixed64: value.bitPattern, number) }

    mutating func put(_ uid: InstanceUID, _ number: Int) {
        writeTag(number, .lengthDelimited)
        writeVarint(16)
        writeFixed64(uid.high.byteSwapped)
        writeFixed64(uid.low.byteSwapped)
    }

    mutating func put(_ message: (some WireMessage)?, _ number: Int) {
        guard let message else { return }
        let mark = begin(number)
        message.write(to: &self)
        end(mark)
    }

    mutating func put(_ messages: [some WireMessage], _ number: Int) {
        for message in messages { put(message, number) }
    }

    /// Writes a map by its keys in order, so that equal maps give equal bytes.
    mutating func put(_ map: [String: some WireMessage], _ number: Int) {
        for (key, value) in map.sorted(by: { Self.comesBefore($0.key, $1.key) }) {
            let mark = begin(number)
            put(key, 1)
            put(value, 2)
            end(mark)
        }
    }

    mutating func put(_ map: [String: String], _ number: Int) {
        for (key, value) in map.sorted(by: { Self.comesBefore($0.key, $1.key) }) {
            let mark = begin(number)
            put(key, 1)
            put(value, 2)
            end(mark)
        }
    }

    private static func comesBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
