internal import Telemetry
internal import Wire

/// How a batch becomes requests.
enum OTLPRequests {
    /// The bodies of the requests, each as parts that are sent one after another.
    ///
    /// Chunks of traces, metrics and logs follow one another in one request. Profiles point into a dictionary
    /// that is in their own chunk, so each chunk is a request.
    static func bodies(of batch: Batch, asJSON: Bool = false) -> [[Bytes]] {
        switch (batch.signal, asJSON) {
        case (.profiles, true): batch.chunks.map { [OTLPJSON.write($0, as: .profiles)] }
        case (.profiles, false): batch.chunks.map { [$0.bytes] }
        case (_, true): [[OTLPJSON.write(batch)]]
        case (_, false): [batch.chunks.map { $0.bytes }]
        }
    }
}
