/// A resource of the admin API with its query.
struct AdminPath: Sendable {
    private let path: String
    /// What comes after the question mark.
    var query: [String: String]

    /// - Parameters:
    ///   - path: The beginning, such as `/v1/pipelines`.
    ///   - segments: What follows it, each as one segment whatever is in it.
    ///   - query: The query; what is `nil` is left out.
    init(_ path: String, _ segments: [String] = [], _ query: [String: String?] = [:]) {
        self.path = path + segments.map { "/" + Self.encoded($0) }.joined()
        self.query = query.compactMapValues { $0 }
    }

    /// As it is sent.
    var text: String {
        guard !query.isEmpty else { return path }
        let pairs = query.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.encoded($0.value))" }
        return path + "?" + pairs.joined(separator: "&")
    }

    /// Percent-encodes everything but what needs it nowhere (RFC 3986 section 2.3).
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
