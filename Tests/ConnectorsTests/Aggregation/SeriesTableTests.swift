import Pipeline
import Telemetry
import Testing

@testable import Connectors

/// What the table of series says of the memory that it takes.
@Suite struct SeriesTableTests {
    @Test(arguments: [1, 7, 100, 1025, 5000, 8193])
    func `the memory of series is not underrated`(count: Int) {
        var table = SeriesTable<SpanSeries>()
        var promised = 0
        for number in 0..<count {
            let key = Array("attribute-\(number)".utf8)
            key.withUnsafeBytes { key in
                let value = SpanSeries(start: 0, lastSeen: Instant(offset: .zero))
                _ = table.insert(key, SeriesHash.of(key), value)
            }
            promised += SeriesTable<SpanSeries>.byteCount(keyOf: key.count)
        }
        #expect(used(by: table) <= promised)
        table.removeAll { $0.hash % 10 > 0 }
        let left = table.entries.reduce(0) {
            $0 + SeriesTable<SpanSeries>.byteCount(keyOf: $1.attributes.byteCount)
        }
        #expect(used(by: table) <= left + 256, "what is gone takes no memory")
    }

    /// The array of entries, their keys, and two places of four bytes for each entry at least.
    private func used(by table: SeriesTable<SpanSeries>) -> Int {
        table.entries.reduce(
            table.entries.capacity * MemoryLayout<SeriesTable<SpanSeries>.Entry>.stride
        ) { $0 + 32 + $1.attributes.bytes.capacity + 8 }
    }
}
