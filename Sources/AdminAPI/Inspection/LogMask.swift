internal import Settings

/// Hides what sounds like a secret in records of the log, as in telemetry that the debug exporter prints.
///
/// The values of such fields; and in a text what follows such a name and a `:` or `=`: to the end of the
/// line, and as values can have more lines, all that follow up to one that begins like an entry of the
/// debug exporter's text.
struct LogMask: Sendable {
    /// What lines of that text begin with which come after a value.
    private static let headers = [
        "ResourceSpans #", "ResourceMetrics #", "ResourceLog #", "ResourceProfiles #", "ResourceTraces #",
        "Resource attributes:", "Resource entity refs:", "ScopeSpans #", "ScopeMetrics #", "ScopeLogs #",
        "ScopeLog #", "ScopeProfiles #", "ScopeTraces #", "InstrumentationScope ", "Span #", "SpanEvent #",
        "SpanLink #", "LogRecord #", "Metric #", "NumberDataPoints #", "HistogramDataPoints #",
        "ExponentialHistogramDataPoints #", "SummaryDataPoints #", "Exemplar #", "Profile #", "Attributes:",
        "Trace ID: ", "StartTimestamp: ",
    ]

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
        var shown: [String] = []
        var isHiding = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if isHiding, !Self.beginsEntry(line) { continue }
            let masked = masked(line)
            isHiding = masked != nil
            shown.append(masked ?? String(line))
        }
        return shown.joined(separator: "\n")
    }

    /// A line without its secret; `nil` when it has none.
    private func masked(_ line: Substring) -> String? {
        let bytes = Array(line.utf8)
        let lowered = Self.lowered(bytes)
        guard let end = words.compactMap({ Self.end(of: $0, in: lowered) }).min() else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self) + " ***"
    }

    /// Whether a line is not one more of the value before it.
    private static func beginsEntry(_ line: Substring) -> Bool {
        line.hasPrefix("  ") && line.drop { $0 == " " }.hasPrefix("-> ")
            || headers.contains { line.hasPrefix($0) }
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
