internal import Pipeline
internal import Wire

/// A JSON body of an OTLP/HTTP response.
struct JSONResponse {
    private let value: JSONValue

    /// Reads a body; an empty one is an empty object.
    init(_ body: Bytes) throws(JSONParser.Failure) {
        value = body.isEmpty ? .object([:]) : try JSONParser.parse(body.array)
    }

    /// What `partialSuccess` says.
    var outcome: ExportOutcome {
        guard case .object(let members) = value["partialSuccess"] else { return .delivered }
        let rejected = members.first { $0.key.hasPrefix("rejected") }?.value.integer ?? 0
        return ExportOutcome(rejectedItems: rejected, message: members["errorMessage"]?.text ?? "")
    }

    /// The message of a `google.rpc.Status`.
    var message: String { value["message"]?.text ?? "" }
}
