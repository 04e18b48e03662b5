internal import Prometheus
internal import Transport
internal import Wire

/// What the response to a request of remote write means.
struct RemoteWriteResponse {
    private let response: ClientResponse
    private let version: RemoteWriteVersion
    private let target: String
    private let shown: (String) -> String

    /// - Parameters:
    ///   - response: what the server answered.
    ///   - version: of the request.
    ///   - target: how messages name the server.
    ///   - shown: takes out of what the server says what nobody must see.
    init(
        _ response: ClientResponse, _ version: RemoteWriteVersion, target: String,
        shown: @escaping (String) -> String = { $0 }
    ) {
        self.response = response
        self.version = version
        self.target = target
        self.shown = shown
    }

    func result(of request: RemoteWriteEncoder.Request) -> RemoteWriteAnswer.Result {
        switch response.status {
        case 200...299:
            guard version == .v2, request.samples > 0 else { return .delivered }
            guard let written else {
                return .refused(
                    reason:
                        "\(target) does not confirm what it wrote, so it does not know version 2 of remote "
                        + "write; set protobuf_message to \(RemoteWriteVersion.v1.rawValue)")
            }
            return partly(written, of: request) ?? .delivered
        case 429, 500...599:
            return .later(
                reason: reason, after: response.fields["retry-after"].flatMap { RetryAfter.delay($0) })
        default:
            guard let written, written > 0 else { return .refused(reason: reason) }
            // A message that says what is wrong although everything was written is about exemplars.
            return partly(written, of: request) ?? .partly(refused: 0, reason: reason)
        }
    }

    /// What it means that some samples were written; `nil` when all were.
    ///
    /// A data point may be several samples, so this says at most that too many data points are missing.
    private func partly(
        _ written: Int, of request: RemoteWriteEncoder.Request
    ) -> RemoteWriteAnswer.Result? {
        guard written < request.samples else { return nil }
        let missing = min(request.samples - written, request.points)
        return .partly(
            refused: missing, reason: "\(written) of \(request.samples) samples were written; \(reason)")
    }

    /// How many samples and histograms the server says it has written; `nil` when it does not say.
    private var written: Int? {
        let names = [RemoteWriteFields.samples, RemoteWriteFields.histograms]
        let counts = names.compactMap { response.fields[$0].flatMap { Int($0) } }
        return counts.isEmpty ? nil : counts.reduce(0) { $0 + min(max($1, 0), 1 << 40) }
    }

    private var reason: String {
        // What is hidden is taken out before the text is cut, because a half is not recognized any more.
        let body = shown(String(response.body.string.prefix(8192))).prefix(500).filter { !$0.isNewline }
        return "\(target) answered with status \(response.status)" + (body.isEmpty ? "" : ": \(body)")
    }
}
