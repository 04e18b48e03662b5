/// Tells a client that abuses HTTP/2 from one that only makes mistakes: frames that cost the server work and
/// the client nothing are counted against allowances that fill up again with time.
///
/// Pure: the time comes in as whole seconds of any monotonic clock.
struct FloodGuard {
    /// An allowance of `burst` events that grows by `perSecond`.
    struct Allowance {
        let burst: Int
        let perSecond: Int
        private var left: Int
        private var second = 0

        init(burst: Int, perSecond: Int) {
            self.burst = burst
            self.perSecond = perSecond
            left = burst
        }

        /// Uses up one event; false if there is none left.
        mutating func use(second now: Int) -> Bool {
            if now > second {
                // The product cannot overflow: a clock's seconds times a small number.
                left = min(burst, left + (now - second) * perSecond)
                second = now
            }
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    /// Streams that the client opened and reset ("rapid reset", CVE-2023-44487).
    private var resets = Allowance(burst: 500, perSecond: 50)
    /// PING, SETTINGS, PRIORITY and empty DATA frames, which no client needs many of.
    private var idleFrames = Allowance(burst: 2_000, perSecond: 200)

    /// Counts a reset; false if it is one too many.
    mutating func allowsReset(second: Int) -> Bool { resets.use(second: second) }

    /// Counts a frame that carries nothing; false if it is one too many.
    mutating func allowsIdleFrame(second: Int) -> Bool { idleFrames.use(second: second) }
}
