/// The bounds of buckets as configurations write them.
enum LatencyBounds {
    /// What is wrong with them.
    static func problem(of bounds: [Duration]) -> String? {
        if zip(bounds, bounds.dropFirst()).contains(where: { $0 >= $1 }) { return "must rise" }
        if bounds.count > 1000 { return "must be no more than 1000" }
        return bounds.contains { $0 < .zero } ? "must not be negative" : nil
    }

    /// The bounds in a unit that has so many nanoseconds.
    static func numbers(_ bounds: [Duration], unit nanoseconds: Double) -> [Double] {
        bounds.map { Double($0.nanoseconds) / nanoseconds }
    }
}

extension Duration {
    /// In nanoseconds, at most about 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds.magnitude < 9_000_000_000 else { return seconds < 0 ? .min : .max }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
