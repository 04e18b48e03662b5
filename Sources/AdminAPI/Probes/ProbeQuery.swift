/// The query of a probe: `verbose`, and any number of `exclude=NAME`.
struct ProbeQuery {
    let isVerbose: Bool
    let excluded: Set<String>

    /// The most names that are taken from one query; more are not excluded.
    private static let excludedLimit = 32

    init(_ query: String?) {
        var isVerbose = false
        var excluded: Set<String> = []
        for item in (query ?? "").split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? Self.decoded(parts[1]) : ""
            if parts[0] == "verbose" {
                isVerbose = value != "false"
            } else if parts[0] == "exclude", excluded.count < Self.excludedLimit {
                excluded.insert(value)
            }
        }
        self.isVerbose = isVerbose
        self.excluded = excluded
    }

    /// Undoes percent-encoding; what is not a valid encoding stays as it is.
    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy({ Self.isDigit($0) }),
                let value = UInt8(Substring(digits), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
