internal import Pipeline
internal import Settings
internal import Wire

/// A JSON body of an OTLP/HTTP response, which is small and read only when something is worth saying.
struct JSONResponse {
    private let tree: Tree?

    init(_ body: Bytes) {
        // JSON is YAML, and the configuration reader bounds depth and size.
        tree = try? Tree(yaml: body.string, source: ConfigurationSource(.inline, "response"))
    }

    /// What `partialSuccess` says.
    var outcome: ExportOutcome {
        guard let partial = tree?["partialSuccess"], let entries = partial.table else { return .delivered }
        let rejected = entries.first { $0.key.hasPrefix("rejected") }?.value.text.flatMap { Int($0) } ?? 0
        return ExportOutcome(rejectedItems: rejected, message: partial["errorMessage"]?.text ?? "")
    }

    /// The message of a `google.rpc.Status`.
    var message: String { tree?["message"]?.text ?? "" }
}
