internal import Pipeline

/// What a collector did before a change: the last minute, in pieces of `interval`.
struct HealthBaseline: Sendable {
    /// The length of one piece; samples that come earlier are left out.
    static let interval = Duration.seconds(10)
    private static let pieces = 6

    private(set) var samples: [GateSample] = []

    /// Takes what was seen; only the last minute is kept.
    mutating func note(_ sample: GateSample) {
        if let last = samples.last, sample.time - last.time < Self.interval { return }
        samples.append(sample)
        if samples.count > Self.pieces + 1 { samples.removeFirst(samples.count - Self.pieces - 1) }
    }

    /// Forgets everything, because the configuration is another one.
    mutating func reset() { samples = [] }

    /// The least that a pipeline accepted in one piece, in items per second; `nil` when that is not known.
    func leastAccepted(_ pipeline: PipelineID) -> Double? {
        let rates = zip(samples, samples.dropFirst()).compactMap { before, after -> Double? in
            guard let old = before.flows[pipeline], let new = after.flows[pipeline] else { return nil }
            return Double(new.since(old).accepted) / (after.time - before.time).seconds
        }
        return rates.min()
    }

    /// What went through a pipeline in all that is known.
    func total(_ pipeline: PipelineID) -> GateSample.Flow? {
        guard let first = samples.first?.flows[pipeline], let last = samples.last?.flows[pipeline],
            samples.count > 1
        else { return nil }
        return last.since(first)
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
