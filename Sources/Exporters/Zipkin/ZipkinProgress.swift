internal import Synchronization
internal import Telemetry
internal import Wire

/// What became of the lists of a batch, as far as it is known.
struct ZipkinStanding: Sendable {
    /// Lists that are not sent again: the first ones.
    var lists = 0
    /// Whether the server took one of them.
    var isDelivered = false
    /// Spans in lists that the server will never take.
    var refusedSpans = 0
    /// Why it refused the first of those.
    var reason: String?
}

/// What became of batches that are tried again.
///
/// Batches are known by their content: the same spans again would say nothing new. Of more than 64 batches
/// that wait, the oldest is forgotten, which then is sent from its beginning.
final class ZipkinProgress: Sendable {
    private static let limit = 64

    private let standings = Mutex<[(digest: Int, standing: ZipkinStanding)]>([])

    /// What is known of a batch, which is forgotten.
    func take(_ batch: Batch) -> ZipkinStanding {
        guard standings.withLock({ !$0.isEmpty }) else { return ZipkinStanding() }
        let digest = Self.digest(of: batch)
        return standings.withLock { standings in
            guard let place = standings.firstIndex(where: { $0.digest == digest }) else {
                return ZipkinStanding()
            }
            return standings.remove(at: place).standing
        }
    }

    /// Remembers what is known of a batch.
    func keep(_ standing: ZipkinStanding, of batch: Batch) {
        guard standing.lists > 0 else { return }
        let digest = Self.digest(of: batch)
        standings.withLock { standings in
            if standings.count >= Self.limit { standings.removeFirst() }
            standings.append((digest, standing))
        }
    }

    private static func digest(of batch: Batch) -> Int {
        var hasher = Hasher()
        for chunk in batch.chunks { chunk.bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
        hasher.combine(batch.byteCount)
        return hasher.finalize()
    }
}
