public import Settings

/// What may be written under `headers` and `response_headers` (RFC 9110, section 5).
///
/// Without these rules a line break in a value would let it add header fields of its own, and a field that
/// belongs to the protocol would break its messages.
public enum HeaderRules {
    /// For requests over HTTP and for responses.
    public static let http: @Sendable (OrderedPairs<Secret>) -> String? = { headers in
        firstProblem(of: headers) { name in
            framing.contains(name) ? "is set by the protocol and cannot be configured" : nil
        }
    }

    /// For the metadata of gRPC calls.
    static let grpc: @Sendable (OrderedPairs<Secret>) -> String? = { headers in
        firstProblem(of: headers) { name in
            if name == "user-agent" { return "is set with user_agent" }
            if name == "host" { return "is set with authority" }
            let isOfProtocol = framing.contains(name) || name.hasPrefix("grpc-")
            return isOfProtocol || name == "content-type" || name == "te"
                ? "is set by the protocol and cannot be configured" : nil
        }
    }

    /// What is wrong with `name` as the name of a header field that an extension sets, or `nil`.
    public static func problem(ofName name: String) -> String? {
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
            return "'\(name)' is not the name of a header"
        }
        let lowered = name.lowercased()
        let isReserved =
            framing.contains(lowered) || lowered.hasPrefix("grpc-") || ofMessages.contains(lowered)
        return isReserved ? "\(name) is set by the protocol or the exporter and cannot be configured" : nil
    }

    /// What is wrong with `value` as the value of a header field, without showing it, or `nil`.
    public static func problem(ofValue value: String) -> String? {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            ? nil : "must not have a line break or control character"
    }

    /// Fields that describe the message or the connection, which exporters set.
    private static let ofMessages: Set<String> = [
        "content-encoding", "content-type", "host", "te", "user-agent",
    ]

    private static let framing: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    private static func firstProblem(
        of headers: OrderedPairs<Secret>, _ reserved: (String) -> String?
    ) -> String? {
        for pair in headers.pairs {
            guard !pair.name.isEmpty, pair.name.utf8.allSatisfy(isTokenByte) else {
                return "'\(pair.name)' is not the name of a header"
            }
            if let problem = reserved(pair.name.lowercased()) { return "\(pair.name) \(problem)" }
            guard problem(ofValue: pair.value.reveal()) == nil else {
                return "the value of \(pair.name) has a line break or control character"
            }
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
