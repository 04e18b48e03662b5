internal import Settings

/// Hides what sounds like a secret in records of the log, as in telemetry that the debug exporter prints.
///
/// The values of such fields; and in each line of a text what follows such a name and a `:` or `=`.
struct LogMask: Sendable {
    private let words: [[UInt8]]

    /// Hides `SecretNames` and what contains one of `additional`, in any case of ASCII letters.
    init(additional: [String] = []) {
        words = (SecretNames.words + additional).filter { !$0.isEmpty }.map { Self.lowered(Array($0.utf8)) }
    }

    /// The value of a field.
    func shown(_ value: String, of field: String) -> String {
        let name = Self.lowered(Array(field.utf8))
        return words.contains { name.firstRange(of: $0) != nil } ? "***" : shown(value)
    }

    /// A text of one or more lines.
    func shown(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(line).joined(separator: "\n")
    }

    private func line(_ line: Substring) -> String {
        let bytes = Array(line.utf8)
        let lowered = Self.lowered(bytes)
        let ends = words.compactMap { Self.end(of: $0, in: lowered) }
        guard let end = ends.min() else { return String(line) }
        return String(decoding: bytes[..<end], as: UTF8.self) + " ***"
    }

    /// Where the value begins of the first name with this word that has one.
    private static func end(of word: [UInt8], in line: [UInt8]) -> Int? {
        var rest = line[...]
        while let found = rest.firstRange(of: word) {
            rest = rest[found.upperBound...]
            let behind = rest.drop(while: isInName).drop { $0 == UInt8(ascii: " ") }
            if let mark = behind.first, mark == UInt8(ascii: ":") || mark == UInt8(ascii: "=") {
                return behind.startIndex + 1
            }
        }
        return nil
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: #"_-.'""#.utf8.contains(byte)
        }
    }

    private static func lowered(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
