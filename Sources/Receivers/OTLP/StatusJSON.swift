internal import Transport
internal import Wire

/// `google.rpc.Status` in proto3's JSON mapping, for errors of requests that came as JSON.
enum StatusJSON {
    static func text(of status: RPCStatus) -> String {
        let details = status.details.compactMap { detail(of: $0) }
        let list = details.isEmpty ? "" : ",\"details\":[\(details.joined(separator: ","))]"
        return "{\"code\":\(status.code),\"message\":\(JSONText.quoted(status.message))\(list)}"
    }

    private static func detail(of detail: RPCStatus.Detail) -> String? {
        switch detail {
        case .retryInfo(let delay):
            return "{\"@type\":\(type("RetryInfo")),\"retryDelay\":\"\(seconds(delay))s\"}"
        case .badRequest(let violations):
            let list = violations.map { violation in
                let (field, text) = (JSONText.quoted(violation.field), JSONText.quoted(violation.description))
                return "{\"field\":\(field),\"description\":\(text)}"
            }
            return "{\"@type\":\(type("BadRequest")),\"fieldViolations\":[\(list.joined(separator: ","))]}"
        case .other:
            // Its bytes are protobuf of a type that is not known here.
            return nil
        }
    }

    private static func type(_ name: String) -> String { "\"type.googleapis.com/google.rpc.\(name)\"" }

    /// A duration as the mapping writes it: whole seconds, or nine digits after the point.
    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds != 0 else { return String(seconds) }
        let digits = String(attoseconds / 1_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }
}
