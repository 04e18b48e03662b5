/// The labels of a series as text pages have them: `method="GET","http.route"="/"`.
///
/// They are kept in this form, since it is the one that is written most, and tell one series from another.
struct LabelText: Sendable, Hashable {
    let bytes: [UInt8]
    /// Whether a name has quotes.
    let hasQuotedNames: Bool
    /// The most bytes that they have where they are written.
    let writtenCount: Int

    init(_ labels: LabelSet) {
        var bytes: [UInt8] = []
        var hasQuotedNames = false
        var escapedCount = 0
        for label in labels.labels {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            if LabelNames.isLegacy(label.name) {
                bytes.append(contentsOf: label.name.utf8)
            } else {
                hasQuotedNames = true
                escapedCount += NameEscaping.growth * label.name.utf8.count
                Self.append(quoted: label.name, to: &bytes)
            }
            bytes.append(UInt8(ascii: "="))
            Self.append(quoted: label.value, to: &bytes)
        }
        self.bytes = bytes
        self.hasQuotedNames = hasQuotedNames
        writtenCount = bytes.count + escapedCount
    }

    /// Appends a text in quotes, with `\` before what would end it.
    static func append(quoted text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(ascii: "n"))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Hands out the places of names and values, without quotes but with the `\` in them.
    func forEach(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        var position = 0
        while position < bytes.count {
            let name = piece(&position)
            position += 1
            let value = piece(&position)
            position += 1
            body(name, value)
        }
    }

    /// The text at a place.
    func text(_ range: Range<Int>) -> String { String(decoding: unescaped(range), as: UTF8.self) }

    /// The bytes at a place without the `\`.
    func unescaped(_ range: Range<Int>) -> ArraySlice<UInt8> {
        guard bytes[range].contains(UInt8(ascii: "\\")) else { return bytes[range] }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in bytes[range] {
            if isEscaped {
                result.append(byte == UInt8(ascii: "n") ? UInt8(ascii: "\n") : byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
            }
        }
        return result[...]
    }

    /// What stands in quotes, or up to the `=`; moves behind it.
    private func piece(_ position: inout Int) -> Range<Int> {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "=") { position += 1 }
            return start..<position
        }
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(position, bytes.count)
        position = end + 1
        return start..<end
    }
}
