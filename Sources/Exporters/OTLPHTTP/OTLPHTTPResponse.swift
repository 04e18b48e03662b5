internal import Pipeline
internal import Transport
internal import Wire

/// What the response to an OTLP/HTTP request means.
struct OTLPHTTPResponse {
    private let response: ClientResponse
    private let target: String
    private let shown: (String) -> String

    /// - Parameters:
    ///   - response: what the server answered.
    ///   - target: how messages name the server.
    ///   - shown: takes out of what the server says what nobody must see.
    init(_ response: ClientResponse, target: String, shown: @escaping (String) -> String = { $0 }) {
        self.response = response
        self.target = target
        self.shown = shown
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
        let said = message.isEmpty ? "" : ": \(shown(message).prefix(1024))"
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
        // What is hidden is taken out before the text is cut, because a half is not recognized any more.
        default: String(shown(String(response.body.string.prefix(8192))).prefix(200).filter { !$0.isNewline })
        }
    }

    private var contentType: String {
        String(response.fields["content-type"]?.prefix { $0 != ";" } ?? "").lowercased().filter { $0 != " " }
    }
}
