/// When the last points of delta series were, so that the next ones begin there.
struct PointTimes {
    private struct Key: Hashable {
        let resource: UInt64
        let measure: Int
        let series: UInt64
    }

    private var times: [Key: UInt64] = [:]

    /// The end of the last point of a series, which `time` becomes now.
    mutating func move(
        _ resource: UInt64, _ measure: Int, _ series: UInt64, to time: UInt64, limit: Int
    ) -> UInt64? {
        let key = Key(resource: resource, measure: measure, series: series)
        let former = times.updateValue(time, forKey: key)
        if times.count > limit { removeOldest(leaving: max(limit - limit / 10, 1)) }
        return former
    }

    private mutating func removeOldest(leaving count: Int) {
        let oldest = times.sorted { $0.value < $1.value }.prefix(times.count - count)
        for (key, _) in oldest { times[key] = nil }
    }
}
