public import Wire

// What stands beside the data points of a metric, and all of them. Statements on a data point ask its metric
// for that, once for each of its points: whoever looked at all points each time would look at them for ever.
extension Draft {
    /// What was read of the data of a metric, which is where it was as long as the source is the same.
    struct MetricData {
        /// Where its field begins in the source.
        let start: Int32
        /// The integers in the fields 2 and 3: the temporality, and whether a sum is monotonic.
        let integers: (UInt64, UInt64)
        /// The fields with the data points, once somebody has asked for them.
        var points: Bytes?
    }

    /// An integer that stands beside the data points of a metric, with its changes: of the data in field
    /// `message` the temporality (2), or whether a sum is monotonic (3); 0 where it is absent.
    public func unsigned(_ number: Int, besidePointsIn message: Int) -> UInt64 {
        guard let slot = find(message) else { return 0 }
        guard slot.state == .original, number == 2 || number == 3 else {
            return WireMessage(value(of: slot)).unsigned(number)
        }
        if let patch = patches.last(where: { $0.number == number }) {
            if case .unsigned(let integer)? = patch.value { return integer }
            return 0
        }
        let integers = known(slot).integers
        return number == 2 ? integers.0 : integers.1
    }

    /// The fields with the data points of a metric, whole, of the data in field `message`; `nil` where there
    /// is no such data.
    public func points(in message: Int) -> Bytes? {
        guard let slot = find(message) else { return nil }
        guard slot.state == .original else { return Self.points(of: bytes(slot, slot.value)) }
        var known = known(slot)
        if let points = known.points { return points }
        let points = Self.points(of: source[slot.sourceValue])
        known.points = points
        knownData = known
        return points
    }

    private static func points(of data: Bytes) -> Bytes {
        var writer = Writer(capacity: data.count)
        writer.write(fieldsOf: data) { $0 == 1 }
        return writer.finish()
    }

    private func known(_ slot: Slot) -> MetricData {
        if let knownData, knownData.start == slot.start { return knownData }
        var integers: (UInt64, UInt64) = (0, 0)
        if let base {
            var fields = FieldWalker(base, slot.sourceValue.lowerBound, slot.sourceValue.upperBound)
            while fields.next() {
                if fields.number == 2 { integers.0 = fields.bits }
                if fields.number == 3 { integers.1 = fields.bits }
            }
        }
        let known = MetricData(start: slot.start, integers: integers)
        knownData = known
        return known
    }
}
