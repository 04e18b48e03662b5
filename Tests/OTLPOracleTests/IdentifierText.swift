import FoundationEssentials

/// Turns proto3's JSON into OTLP's and back: the one difference that matters is how identifiers are written.
enum IdentifierText {
    private static let keys = ["traceId", "spanId", "parentSpanId", "profileId"]

    /// Base64 identifiers become hexadecimal.
    static func toHexadecimal(_ json: String) -> String {
        rewrite(json) { text in
            (Data(base64Encoded: text) ?? Data()).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }

    /// Hexadecimal identifiers become base64.
    static func toBase64(_ json: String) -> String {
        rewrite(json) { text in
            let digits = Array(text)
            let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
                UInt8(String(digits[index...index + 1]), radix: 16) ?? 0
            }
            return Data(bytes).base64EncodedString()
        }
    }

    /// Replaces the value of every identifier.
    ///
    /// A quote inside of a string is escaped, so the search cannot
    /// mistake text for a key.
    private static func rewrite(_ json: String, _ transform: (String) -> String) -> String {
        var result: [UInt8] = []
        var rest = ArraySlice(json.utf8)
        let quote = UInt8(ascii: "\"")
        while let byte = rest.first {
            guard byte == quote, let key = keys.first(where: { rest.starts(with: "\"\($0)\":\"".utf8) })
            else {
                result.append(byte)
                rest = rest.dropFirst()
                continue
            }
            result += Array("\"\(key)\":\"".utf8)
            rest = rest.dropFirst(key.utf8.count + 4)
            let value = rest.prefix { $0 != quote }
            result += Array(transform(String(decoding: value, as: UTF8.self)).utf8)
            rest = rest.dropFirst(value.count)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
