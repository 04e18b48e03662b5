internal import Transport

/// `google.rpc.Status` in proto3's JSON mapping, for errors of requests that came as JSON.
enum StatusJSON {
    static func text(of status: RPCStatus) -> String {
        let details = status.details.compactMap { detail(of: $0) }
        let list = details.isEmpty ? "" : ",\"details\":[\(details.joined(separator: ","))]"
        return "{\"code\":\(status.code),\"message\":\(quoted(status.message))\(list)}"
    }

    private static func detail(of detail: RPCStatus.Detail) -> String? {
        switch detail {
        case .retryInfo(let delay):
            return "{\"@type\":\(type("RetryInfo")),\"retryDelay\":\"\(seconds(delay))s\"}"
        case .badRequest(let violations):
            let list = violations.map { violation in
                "{\"field\":\(quoted(violation.field)),\"description\":\(quoted(violation.description))}"
            }
            return "{\"@type\":\(type("BadRequest")),\"fieldViolations\":[\(list.joined(separator: ","))]}"
        case .other:
            // Its bytes are protobuf of a type that is not known here.
            return nil
        }
    }

    private static func type(_ name: String) -> String { quoted("type.googleapis.com/google.rpc.\(name)") }

    /// A duration as the mapping writes it: whole seconds, or nine digits after the point.
    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds != 0 else { return String(seconds) }
        let digits = String(attoseconds / 1_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
