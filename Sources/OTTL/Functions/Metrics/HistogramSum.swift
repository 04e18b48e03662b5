internal import Telemetry
internal import Wire

/// Adds up data points of histograms that are cut alike; what they say otherwise is that of the first.
enum HistogramSum {
    /// One data point of several with the same bounds.
    static func explicit(_ group: [WireMessage]) -> Bytes {
        var writer = Writer(capacity: group[0].bytes.count + 64)
        write(group, replacing: [2, 4, 5, 6, 8, 11, 12], exemplars: 8, min: 11, max: 12, to: &writer)
        writer.write(packedFixed64: added(group.map { $0.fixed64s(6) }), 6)
        return writer.finish()
    }

    /// One data point of several with the same scale and offsets.
    static func exponential(_ group: [WireMessage]) -> Bytes {
        var writer = Writer(capacity: group[0].bytes.count + 64)
        write(
            group, replacing: [2, 4, 5, 7, 8, 9, 11, 12, 13], exemplars: 11, min: 12, max: 13, to: &writer)
        writer.write(fixed64: group.reduce(0) { $0 &+ $1.unsigned(7) }, 7)
        for number in [8, 9] where group.contains(where: { $0.has(number) }) {
            let buckets = group.map { BucketsView(WireMessage($0.data(number))) }
            let mark = writer.begin(number)
            writer.write(zigZag: Int64(buckets[0].offset), 1)
            writer.write(packedVarints: added(buckets.map(\.bucketCounts)), 2)
            writer.end(mark)
        }
        return writer.finish()
    }

    /// The earliest beginning of several points.
    static func writeStart(of group: [WireMessage], to writer: inout Writer) {
        let start = group.map { $0.unsigned(2) }.min() ?? 0
        if start != 0 { writer.write(fixed64: start, 2) }
    }

    private static func write(
        _ group: [WireMessage], replacing: Set<Int>, exemplars: Int, min: Int, max: Int,
        to writer: inout Writer
    ) {
        let first = group[0]
        for field in first.fields where !replacing.contains(field.number) {
            writer.write(raw: first.bytes[field.start..<field.value.upperBound])
        }
        writeStart(of: group, to: &writer)
        writer.write(fixed64: group.reduce(0) { $0 &+ $1.unsigned(4) }, 4)
        if group.contains(where: { $0.has(5) }) {
            writer.write(double: group.reduce(0) { $0 + ($1.double(5) ?? 0) }, 5)
        }
        for point in group {
            for field in point.fields where field.number == exemplars {
                writer.write(raw: point.bytes[field.start..<field.value.upperBound])
            }
        }
        if let least = group.compactMap({ $0.double(min) }).min() { writer.write(double: least, min) }
        if let most = group.compactMap({ $0.double(max) }).max() { writer.write(double: most, max) }
    }

    /// Counts of buckets, bucket by bucket.
    private static func added(_ lists: [[UInt64]]) -> [UInt64] {
        var sums = [UInt64](repeating: 0, count: lists.map(\.count).max() ?? 0)
        for list in lists {
            for (index, count) in list.enumerated() { sums[index] &+= count }
        }
        return sums
    }
}
