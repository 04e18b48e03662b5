/// Which encodings an `accept-encoding` field allows (RFC 9110 section 12.5.3).
enum ContentCoding {
    /// Whether an answer may be compressed with gzip.
    static func allowsGzip(_ field: String?) -> Bool {
        guard let field else { return false }
        var quality: [Substring: Double] = [:]
        for entry in field.lowercased().split(separator: ",") {
            let parts = entry.split(separator: ";").map { trimmed($0) }
            guard let name = parts.first else { continue }
            var weight = 1.0
            for parameter in parts.dropFirst() {
                // Spaces around the sign are against the grammar, and sent all the same.
                let pair = parameter.split(separator: "=", maxSplits: 1).map { trimmed($0) }
                if pair.count == 2, pair[0] == "q" { weight = Double(pair[1]) ?? 0 }
            }
            quality[name] = weight
        }
        let gzip = quality["gzip"] ?? quality["x-gzip"] ?? quality["*"] ?? 0
        // What is not named costs nothing to prefer: uncompressed is always acceptable unless it is refused.
        return gzip > 0 && gzip >= quality["identity"] ?? 0
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
