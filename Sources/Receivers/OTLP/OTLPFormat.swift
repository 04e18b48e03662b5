internal import Telemetry
internal import Transport
internal import Wire

/// The two encodings of OTLP/HTTP.
enum OTLPFormat: Sendable {
    case protobuf, json

    /// The encoding that a `content-type` names; parameters do not matter. `nil` for anything else.
    init?(contentType: String?) {
        guard let contentType else { return nil }
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        switch type.lowercased() {
        case "application/x-protobuf": self = .protobuf
        case "application/json": self = .json
        default: return nil
        }
    }

    /// The header fields of a response.
    var fields: HTTPFields {
        switch self {
        case .protobuf: Self.protobufFields
        case .json: Self.jsonFields
        }
    }

    /// The body of a full success: a message without fields.
    var success: Bytes {
        switch self {
        case .protobuf: .empty
        case .json: Self.emptyObject
        }
    }

    /// A status in this encoding.
    func encode(_ status: RPCStatus) -> Bytes {
        switch self {
        case .protobuf: status.encoded()
        case .json: Bytes(utf8: "{\"code\":\(status.code),\"message\":\(Self.quoted(status.message))}")
        }
    }

    private static let protobufFields: HTTPFields = ["content-type": "application/x-protobuf"]
    private static let jsonFields: HTTPFields = ["content-type": "application/json"]
    private static let emptyObject = Bytes(utf8: "{}")

    private static func quoted(_ text: String) -> String {
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
