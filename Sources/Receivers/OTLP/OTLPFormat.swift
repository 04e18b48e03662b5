internal import Telemetry
internal import Transport
internal import Wire

/// The two encodings of OTLP/HTTP.
enum OTLPFormat: Sendable {
    case protobuf, json

    /// The encoding that a `content-type` names, whatever its parameters; `nil` for anything else.
    init?(contentType: String?) {
        guard let contentType else { return nil }
        // What nearly every client sends, without parsing.
        guard contentType != "application/x-protobuf" else {
            self = .protobuf
            return
        }
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
        case .json: Bytes(utf8: StatusJSON.text(of: status))
        }
    }

    private static let protobufFields: HTTPFields = ["content-type": "application/x-protobuf"]
    private static let jsonFields: HTTPFields = ["content-type": "application/json"]
    private static let emptyObject = Bytes(utf8: "{}")
}
