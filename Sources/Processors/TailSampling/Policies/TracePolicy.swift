internal import Pipeline
internal import Telemetry

/// What one policy thinks of a trace.
enum Vote: Sendable {
    case sampled, notSampled
    /// What a policy with `invert_match` says: kept unless another is against it, and not kept whatever
    /// others say.
    case invertSampled, invertNotSampled
    case dropped

    var isSampled: Bool { self == .sampled || self == .invertSampled }
}

/// Why a policy could not say anything.
struct PolicyFailure: Error {
    let reason: String
}

/// A rule that says whether a trace is worth keeping; each lane has its own.
protocol TracePolicy {
    func vote(_ trace: inout TraceCase) throws(PolicyFailure) -> Vote
}

/// A trace before its policies.
struct TraceCase {
    let spans: TraceSpans
    /// Spans of the trace so far, though not all of them need be among `spans`.
    let spanCount: Int
    let now: Instant
    /// The part of a composite policy that sampled it.
    var part: String?
    private var encoded: Batch?

    init(_ spans: TraceSpans, spanCount: Int, now: Instant) {
        self.spans = spans
        self.spanCount = spanCount
        self.now = now
    }

    /// The spans as a batch of their own, made when somebody asks.
    mutating func batch() -> Batch {
        if let encoded { return encoded }
        let batch = spans.batch()
        encoded = batch
        return batch
    }
}

/// Keeps every trace.
struct AlwaysPolicy: TracePolicy {
    func vote(_ trace: inout TraceCase) -> Vote { .sampled }
}

/// Keeps traces that took long enough, and not too long.
struct LatencyPolicy: TracePolicy {
    let settings: TailSampling.Latency

    func vote(_ trace: inout TraceCase) -> Vote {
        let duration = Int64(clamping: trace.spans.duration / 1_000_000)
        let upper = settings.upperThresholdMs
        return duration > settings.thresholdMs && (upper == 0 || duration <= upper) ? .sampled : .notSampled
    }
}

/// Keeps traces with a span that ended with one of some statuses.
struct StatusPolicy: TracePolicy {
    let codes: [Int]

    init(_ settings: TailSampling.StatusCodes) {
        codes = Set(settings.statusCodes.map { $0.number }).sorted()
    }

    func vote(_ trace: inout TraceCase) -> Vote {
        codes.contains { trace.spans.contains(status: $0) } ? .sampled : .notSampled
    }
}

/// Keeps traces of a size.
struct SpanCountPolicy: TracePolicy {
    let settings: TailSampling.SpanCount

    func vote(_ trace: inout TraceCase) -> Vote {
        let isEnough = trace.spanCount >= Int(settings.minSpans)
        let isTooMuch = settings.maxSpans > 0 && trace.spanCount > Int(settings.maxSpans)
        return isEnough && !isTooMuch ? .sampled : .notSampled
    }
}

/// Keeps traces that were marked as sampled where they began.
struct TraceFlagsPolicy: TracePolicy {
    func vote(_ trace: inout TraceCase) -> Vote { trace.spans.containsSampledFlag ? .sampled : .notSampled }
}

/// Keeps a part of all traces by a hash of their ids, the same one in each collector with the same salt.
struct ProbabilisticPolicy: TracePolicy {
    private let threshold: UInt64
    private let salted: UInt64

    init(_ settings: TailSampling.Probabilistic) {
        threshold = Self.threshold(settings.samplingPercentage)
        let salt = settings.hashSalt.isEmpty ? "default-hash-seed" : settings.hashSalt
        salted = salt.utf8.reduce(14_695_981_039_346_656_037) { Self.hash($0, $1) }
    }

    /// The highest hash that is sampled: that part of the largest number.
    private static func threshold(_ percentage: Double) -> UInt64 {
        let ratio = percentage / 100
        guard ratio < 1 else { return .max }
        return UInt64(max(ratio, 0) * 0x1p64)
    }

    private static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 1_099_511_628_211
    }

    func vote(_ trace: inout TraceCase) -> Vote {
        var hash = salted
        for word in [trace.spans.id.high, trace.spans.id.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                hash = Self.hash(hash, UInt8(truncatingIfNeeded: word &>> shift))
            }
        }
        return hash <= threshold ? .sampled : .notSampled
    }
}
