internal import Transport

/// Names requests, so that answers, audit and log can be laid side by side.
enum RequestID {
    /// The id that the client gave, if it is harmless, or a new one.
    static func of(_ head: ServerRequestHead) -> String {
        if let id = head.fields["x-request-id"], (1...64).contains(id.utf8.count),
            id.utf8.allSatisfy(isHarmless)
        {
            return id
        }
        return SecureRandom.hexadecimal(bytes: 8)
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
