internal import Pipeline
internal import Synchronization
internal import Telemetry

/// Tokens that come at a rate and are taken in portions; all lanes share it.
final class TokenBucket: Sendable {
    private struct State {
        /// `nil` until it is asked for the first time: it begins full.
        var tokens: Double?
        var time = Instant(offset: .zero)
    }

    private let state = Mutex(State())

    /// Takes `amount` when that many are there; there are never more than `capacity`.
    func take(_ amount: Int, rate: Double, capacity: Double, at now: Instant) -> Bool {
        state.withLock { state in
            let (seconds, attoseconds) = (now - state.time).components
            let elapsed = max(0, Double(seconds) + Double(attoseconds) / 1e18)
            let tokens = min(capacity, (state.tokens ?? capacity) + elapsed * rate)
            state.time = max(state.time, now)
            let isThere = Double(amount) <= tokens
            state.tokens = isThere ? tokens - Double(amount) : tokens
            return isThere
        }
    }
}

/// Spans that parts of a composite policy have sampled within the present second; all lanes share it.
final class SecondsCount: Sendable {
    private struct State {
        var second: Int64 = 0
        var spans: [String: Int] = [:]
        var total = 0
    }

    private let state = Mutex(State())

    /// Adds `spans` to a part unless that would exceed what it, or all of them together, may have.
    func add(_ spans: Int, to part: String, limit: Int, total: Int, at now: Instant) -> Bool {
        state.withLock { state in
            let second = now.offset.components.seconds
            if state.second != second { state = State(second: second) }
            let used = state.spans[part, default: 0]
            guard spans <= limit - used, spans <= total - state.total else { return false }
            state.spans[part] = used + spans
            state.total += spans
            return true
        }
    }
}

/// Keeps traces as long as their spans do not exceed a rate.
struct RatePolicy: TracePolicy {
    let settings: TailSampling.RateLimiting
    let bucket: TokenBucket

    func vote(_ trace: inout TraceCase) -> Vote {
        let rate = Double(settings.spansPerSecond)
        let capacity = settings.burstCapacity > 0 ? Double(settings.burstCapacity) : 2 * rate
        let isThere = bucket.take(trace.spanCount, rate: rate, capacity: capacity, at: trace.now)
        return isThere ? .sampled : .notSampled
    }
}

/// Keeps traces as long as their bytes do not exceed a rate.
struct BytesPolicy: TracePolicy {
    let settings: TailSampling.BytesLimiting
    let bucket: TokenBucket

    func vote(_ trace: inout TraceCase) -> Vote {
        let rate = Double(settings.bytesPerSecond)
        let capacity = settings.burstCapacity > 0 ? Double(settings.burstCapacity) : 2 * rate
        let isThere = bucket.take(trace.spans.byteCount, rate: rate, capacity: capacity, at: trace.now)
        return isThere ? .sampled : .notSampled
    }
}
