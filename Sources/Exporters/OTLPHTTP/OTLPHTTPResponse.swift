internal import Pipeline
internal import Transport
internal import Wire

/// What the response to an OTLP/HTTP request means.
struct OTLPHTTPResponse {
    private let response: ClientResponse
    private let target: String

    init(_ response: ClientResponse, target: String) {
        self.response = response
        self.target = target
    }

    /// The outcome of a success, or the failure that the status stands for.
    func outcome() throws(ExportFailure) -> ExportOutcome {
        guard (200...299).contains(response.status) else { throw failure }
        switch contentType {
        case "application/x-protobuf":
            do throws(WireError) {
                return try PartialSuccess.outcome(of: response.body)
            } catch {
                throw .permanent(reason: "the response of \(target) is not OTLP: \(error)")
            }
        case "application/json":
            do throws(JSONParser.Failure) {
                return try JSONResponse(response.body).outcome
            } catch {
                throw .permanent(reason: "the response of \(target) is not OTLP: \(error.reason)")
            }
        // Other types say nothing about the outcome; the status does.
        default:
            return .delivered
        }
    }

    private var failure: ExportFailure {
        let said = message.isEmpty ? "" : ": \(message.prefix(1024))"
        let reason = "\(target) answered with status \(response.status)\(said)"
        switch response.status {
        case 429, 502, 503, 504:
            return .retryable(
                reason: reason, after: response.fields["retry-after"].flatMap { RetryAfter.delay($0) })
        default:
            return .permanent(reason: reason)
        }
    }

    /// The message of a `google.rpc.Status`, or the beginning of a text.
    private var message: String {
        switch contentType {
        case "application/x-protobuf": RPCStatus(decoding: response.body)?.message ?? ""
        case "application/json": (try? JSONResponse(response.body))?.message ?? ""
        default: String(response.body.string.prefix(200).filter { !$0.isNewline })
        }
    }

    private var contentType: String {
        String(response.fields["content-type"]?.prefix { $0 != ";" } ?? "").lowercased().filter { $0 != " " }
    }
}
