internal import Logging
internal import Pipeline

/// What receivers of spans that are translated into OTLP have in common.
enum TracesIntake {
    /// The most bytes that the spans of a message may become, for messages of so many bytes.
    static func outputLimit(_ messageLimit: Int) -> Int { 4 * messageLimit + (1 << 20) }

    /// What a refusal is to the sender: none when a backend took a part, since that must not come again.
    static func judged(_ refusal: Rejection?, _ logger: Logger) -> Rejection? {
        guard case .never(let reason, .some(let spans)) = refusal else { return refusal }
        logger.warning(
            "a backend refused spans for good", metadata: ["spans": "\(spans)", "reason": "\(reason)"])
        return nil
    }
}
