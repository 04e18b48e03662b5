internal import Telemetry
internal import Wire

/// `Export…PartialSuccess` of a response: what was not taken although the request was (OTLP 1.11, "Partial
/// Success").
///
/// Only senders that wait for delivery can get one: then the refusal of a backend is known in time.
struct OTLPPartialSuccess: Sendable, Equatable {
    /// Spans, data points, log records or profile samples.
    let rejectedItems: Int
    let message: String

    /// The response message; its fields have the same numbers for every signal.
    func encoded() -> Bytes {
        var writer = Writer(capacity: 32 + message.utf8.count)
        let details = writer.begin(1, expecting: 8 + message.utf8.count)
        writer.write(varint: UInt64(max(rejectedItems, 0)), 1)
        writer.write(string: message, 2)
        writer.end(details)
        return writer.finish()
    }

    /// The response in proto3's JSON mapping, where 64-bit integers are strings.
    func json(_ signal: Signal) -> Bytes {
        let name =
            switch signal {
            case .traces: "rejectedSpans"
            case .metrics: "rejectedDataPoints"
            case .logs: "rejectedLogRecords"
            case .profiles: "rejectedProfiles"
            }
        let fields = "\"\(name)\":\"\(rejectedItems)\",\"errorMessage\":\(JSONText.quoted(message))"
        return Bytes(utf8: "{\"partialSuccess\":{\(fields)}}")
    }
}
