internal import Synchronization
public import Telemetry
public import Wire

/// The newest values of metrics as a page that Prometheus scrapes.
///
/// Any number of threads may bring batches and read pages at the same time. A page is written in parts of
/// some hundred series, and batches are taken between them; so it need not show one moment, but a series is
/// whole.
public final class MetricsPage: Sendable {
    /// What is written before others may use the page again.
    private static let part = PagePart(series: 256, bytes: 256 << 10)
    /// How often a family is begun again because a series has left, before it is written in one part.
    private static let attemptLimit = 3

    private let table: Mutex<PageTable>
    private let settings: PageSettings

    public init(_ settings: PageSettings) {
        self.settings = settings
        table = Mutex(PageTable(settings))
    }

    /// Takes the points of a batch of metrics.
    ///
    /// - Parameters:
    ///   - batch: metrics; other signals have no points.
    ///   - now: a time that only grows, for expiration.
    /// - Returns: what has no place on the page.
    public func take(_ batch: Batch, at now: Duration) -> PageOutcome {
        var outcome = PageOutcome()
        table.withLock { $0.sweep(at: now) }
        for group in batch.resourceMetrics {
            // Scope by scope, so that a large batch does not keep readers and other lanes waiting.
            for scope in group.scopes { table.withLock { $0.take(scope, of: group, at: now, &outcome) } }
        }
        return outcome
    }

    /// How much there is now.
    public var statistics: PageStatistics {
        table.withLock {
            PageStatistics(series: $0.seriesCount, bytes: $0.size.memory, expired: $0.expired)
        }
    }

    /// The page at `now`, in a format.
    public func write(_ format: PageFormat, at now: Duration) -> Bytes {
        switch format.syntax {
        case .protobuf: write(ProtobufPageWriter(format, settings), at: now)
        case .text004, .text100, .openMetrics001, .openMetrics100:
            write(TextPageWriter(format, settings), at: now)
        }
    }

    private func write<Output: FamilyWriter & ~Copyable>(
        _ output: consuming Output, at now: Duration
    ) -> Bytes {
        let order = table.withLock { table in
            table.sweep(at: now, isDue: true)
            return table.order()
        }
        for id in order { write(id, at: now, to: &output) }
        return output.finish()
    }

    private func write<Output: FamilyWriter & ~Copyable>(
        _ id: Int, at now: Duration, to output: inout Output
    ) {
        var (start, version, hasSeries, attempts) = (0, Int?.none, false, 0)
        while true {
            let part = attempts < Self.attemptLimit ? Self.part : .whole
            let progress = table.withLock { table in
                table.write(
                    id, from: start, version: version, part, hasSeries: hasSeries, at: now, to: &output)
            }
            switch progress {
            case .done(true): return output.end()
            case .done(false): return output.cancel()
            case .next(let place, let now, let any): (start, version, hasSeries) = (place, now, any)
            case .changed:
                output.cancel()
                (start, version, hasSeries, attempts) = (0, nil, false, attempts + 1)
            }
        }
    }
}
