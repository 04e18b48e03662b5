internal import Telemetry
internal import Wire

/// How a batch becomes requests.
enum OTLPRequests {
    /// The bodies of the requests, each as parts that are sent one after another.
    ///
    /// Chunks of traces, metrics and logs follow one another in one request. Profiles point into a dictionary
    /// that is in their own chunk, so each chunk is a request.
    static func bodies(of batch: Batch) -> [[Bytes]] {
        let chunks = batch.chunks.map { $0.bytes }
        return batch.signal == .profiles ? chunks.map { [$0] } : [chunks]
    }
}
