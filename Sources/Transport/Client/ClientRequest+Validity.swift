extension ClientRequest {
    /// What makes the request impossible to send, or dangerous: line ends and other control characters, with
    /// which a value could pass itself off as another field or request (RFC 9110, section 5.5).
    var fault: String? {
        if let bad = path.utf8.first(where: { $0 <= 0x20 || $0 == 0x7f }) {
            return "the path has a character (\(bad)) that has to be percent-encoded"
        }
        if method.utf8.isEmpty || !method.utf8.allSatisfy(Self.isTokenByte) {
            return "the method is not a word"
        }
        var fault: String?
        fields.forEachField { name, value in
            if name.isEmpty || !name.allSatisfy(Self.isTokenByte) {
                fault = "\"\(String(decoding: name, as: UTF8.self))\" cannot be the name of a header field"
            } else if value.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7f }) {
                fault =
                    "the header field \(String(decoding: name, as: UTF8.self)) has a control character in it"
            }
        }
        return fault
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
