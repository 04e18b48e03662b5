internal import Wire

/// The Common Event Format: a header of seven fields between pipes, then pairs of keys and values.
enum CEFMessage {
    private static let names = [
        "cef.version", "cef.device_vendor", "cef.device_product", "cef.device_version",
        "cef.device_event_class_id", "cef.name", "cef.severity",
    ]
    private static let pipe = UInt8(ascii: "|")
    private static let escape = UInt8(ascii: "\\")

    /// The message after what may stand before `CEF:`.
    static func parse(_ text: [UInt8]) throws(EvaluationError) -> ValueMap {
        guard let start = text[...].firstIndex(of: "CEF:") else {
            throw .message("not a CEF message: it has no 'CEF:'")
        }
        var rest = text[(start + 4)...]
        var map = ValueMap()
        for (index, name) in names.enumerated() {
            let (field, after) = headerField(rest)
            if after == nil, index < names.count - 1 {
                throw .message("not a CEF message: its header has \(index + 1) fields instead of 7")
            }
            if index == 0, field.isEmpty { throw .message("not a CEF message: it has no version") }
            map.set(name, field)
            rest = after ?? []
        }
        map["cef.extensions"] = .map(try extensions(rest))
        return map
    }

    /// The text up to the next pipe that is not escaped, and what follows it; `nil` where none does.
    private static func headerField(_ text: ArraySlice<UInt8>) -> ([UInt8], ArraySlice<UInt8>?) {
        var (field, index) = ([UInt8](), text.startIndex)
        while index < text.endIndex {
            let byte = text[index]
            if byte == escape, index + 1 < text.endIndex,
                text[index + 1] == pipe || text[index + 1] == escape
            {
                field.append(text[index + 1])
                index += 2
                continue
            }
            if byte == pipe { return (field, text[(index + 1)...]) }
            field.append(byte)
            index += 1
        }
        return (field, nil)
    }

    /// A value ends where the next key begins: after a space, letters and digits, up to an equals sign.
    private static func extensions(_ text: ArraySlice<UInt8>) throws(EvaluationError) -> ValueMap {
        var keys: [(key: Range<Int>, value: Int)] = []
        var index = text.startIndex
        while index < text.endIndex {
            if let equals = endOfKey(text, at: index) {
                keys.append((index..<equals, equals + 1))
                guard keys.count <= FunctionLimits.values else {
                    throw .message("the message has more than \(FunctionLimits.values) extensions")
                }
                index = equals + 1
            }
            while index < text.endIndex, text[index] != 0x20 { index += 1 }
            index += 1
        }
        var entries: [ValueMap.Entry] = []
        for (place, pair) in keys.enumerated() {
            let end = place + 1 < keys.count ? keys[place + 1].key.lowerBound - 1 : text.endIndex
            var value = text[pair.value..<max(end, pair.value)]
            while value.last == 0x20 { value.removeLast() }
            entries.append(
                .init(Bytes(validating: text[pair.key]), .string(Bytes(validating: unescaped(value)))))
        }
        return ValueMap(entries)
    }

    /// Where the equals sign of a key stands that begins here.
    private static func endOfKey(_ text: ArraySlice<UInt8>, at start: Int) -> Int? {
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
        guard isLetter(text[start]) else { return nil }
        var index = start + 1
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "=") { return index }
            guard isLetter(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_") else {
                return nil
            }
            index += 1
        }
        return nil
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var (result, index) = ([UInt8](), text.startIndex)
        while index < text.endIndex {
            let next = index + 1 < text.endIndex ? text[index + 1] : 0
            let replacement: UInt8? =
                switch (text[index], next) {
                case (escape, escape): escape
                case (escape, UInt8(ascii: "=")): UInt8(ascii: "=")
                case (escape, UInt8(ascii: "n")): 0x0A
                case (escape, UInt8(ascii: "r")): 0x0D
                default: nil
                }
            result.append(replacement ?? text[index])
            index += replacement == nil ? 1 : 2
        }
        return result
    }
}
