internal import Synchronization

/// What is kept from request to request: what `target_info` says of sources, and metadata of families.
///
/// Senders of version 1 tell of families in requests of their own, and of targets once a scrape, so neither
/// comes with every sample. Both are bounded in number and bytes.
public final class RemoteWriteMemory: Sendable {
    /// What the metadata of version 1 says of a family.
    struct Metadata: Sendable {
        let type: MetricType
        let help: String
        let unit: String
    }

    /// Sources that are remembered.
    static let sourceLimit = 10_000
    /// Families that are remembered.
    static let familyLimit = 50_000

    private struct State {
        var sources = RecencyTable<[LabelSet.Label]>(countLimit: sourceLimit, byteLimit: 32 << 20)
        var families = RecencyTable<Metadata>(countLimit: familyLimit, byteLimit: 32 << 20)
    }

    private let state = Mutex(State())

    public init() {}

    /// Remembers what is said of sources.
    func learn(_ news: [SeriesKey: [LabelSet.Label]]) {
        guard !news.isEmpty else { return }
        state.withLock { state in
            // Of more than are remembered none would be kept until the request is written.
            for (source, labels) in news.prefix(Self.sourceLimit) {
                let size = labels.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 }
                state.sources.set(labels, of: source, byteCount: size)
            }
        }
    }

    /// What was said last of each of some sources.
    func labels(of sources: [SeriesKey]) -> [[LabelSet.Label]] {
        state.withLock { state in sources.map { state.sources.value(of: $0) ?? [] } }
    }

    /// Remembers what is said of families.
    func learn(_ news: [SeriesKey: Metadata]) {
        guard !news.isEmpty else { return }
        state.withLock { state in
            for (family, metadata) in news {
                state.families.set(
                    metadata, of: family, byteCount: metadata.help.utf8.count + metadata.unit.utf8.count + 64)
            }
        }
    }

    /// What was said last of the family that a series belongs to.
    func metadata(ofSeries name: [UInt8]) -> Metadata? {
        state.withLock { state in
            if let metadata = state.families.value(of: SeriesKey(bytes: name)) { return metadata }
            for suffix in Self.suffixes where name.count > suffix.count && name.hasSuffix(suffix) {
                let base = SeriesKey(bytes: Array(name.dropLast(suffix.count)))
                guard let metadata = state.families.value(of: base) else { continue }
                let isPart = metadata.type.suffixes.contains { Array($0.utf8) == suffix }
                if isPart { return metadata }
            }
            return nil
        }
    }

    private static let suffixes = ["_bucket", "_count", "_sum", "_total", "_info", "_created"].map {
        Array($0.utf8)
    }
}

extension Array where Element == UInt8 {
    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
    }
}
