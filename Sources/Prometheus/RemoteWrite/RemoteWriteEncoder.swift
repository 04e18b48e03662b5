public import Telemetry
public import Wire

/// Makes requests of remote write out of metrics of OTLP.
public struct RemoteWriteEncoder: Sendable {
    /// How requests are made.
    public struct Settings: Sendable {
        public var series: SeriesSettings
        public var version = RemoteWriteVersion.v1
        /// Whether the attributes of each resource become a series `target_info`.
        public var includesTargetInfo = true
        /// Whether version 1 gets metadata; version 2 has it with every series.
        public var sendsMetadata = false
        /// The most bytes of a request before compression, unless one value is larger.
        public var maxRequestBytes = 3_000_000
        /// Whether histograms become native ones with bounds of their own.
        public var convertsHistograms = false
        /// Whether they become series as well then.
        public var keepsClassicHistograms = false

        public init(series: SeriesSettings = SeriesSettings()) { self.series = series }

        /// What the labels of one point may take in all series that it becomes, and what labels may take
        /// in a batch that fill half a request alone.
        var repetitionLimit: Int { max(8 * min(maxRequestBytes, 1 << 40), 64 << 20) }
    }

    /// A request.
    public struct Request: Sendable {
        /// The message, not compressed.
        public let body: Bytes
        /// Samples and native histograms in it.
        public let samples: Int
        /// Data points that are told of in it, each in one request of its batch.
        public let points: Int
    }

    /// What a batch becomes.
    public struct Output: Sendable {
        /// Requests in rows: those of one row have a series in common and have to be sent one after another;
        /// between rows there is no order.
        ///
        /// A row is made when it is asked for, and is the same each time: all of them may be many times as
        /// large as the batch.
        public let rows: RemoteWriteRows
        /// Data points that Prometheus has no place for, by the reason.
        public let refused: [String: Int]

        /// How many data points there is no place for.
        public var refusedCount: Int { refused.values.reduce(0, +) }
    }

    private let settings: Settings
    private let cache = WriteLabelCache()

    public init(_ settings: Settings) { self.settings = settings }

    /// The requests of a batch of metrics.
    public func encode(_ batch: Batch) -> Output {
        cache.withContent { content in
            // Taken out while it is changed, or all of it would be copied.
            var collector = WriteCollector(settings, content)
            content = WriteLabelCache.Content()
            for group in batch.resourceMetrics { collector.collect(group) }
            content = collector.cache
            collector.collection.sort()
            return Output(
                rows: RemoteWriteRows(collection: collector.collection, settings: settings),
                refused: collector.refused)
        }
    }
}

/// The rows of requests of a batch, made one after another.
public struct RemoteWriteRows: Sequence, Sendable {
    let collection: WriteCollection
    let settings: RemoteWriteEncoder.Settings

    /// Makes rows.
    public struct Iterator: IteratorProtocol {
        fileprivate var writer: WriteRequestWriter

        /// The next row; `nil` after the last one.
        public mutating func next() -> [RemoteWriteEncoder.Request]? { writer.next() }
    }

    public func makeIterator() -> Iterator { Iterator(writer: WriteRequestWriter(collection, settings)) }
}
