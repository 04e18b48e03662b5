/// What a gate saw and decided, kept for people to look at.
public struct GateReport: Sendable, Hashable {
    /// What a comparison says.
    public enum Verdict: String, Sendable, Hashable, CaseIterable { case pass, fail, inconclusive }

    /// The figures of one comparison.
    public struct Finding: Sendable, Hashable {
        public let check: GateSettings.Check
        public let verdict: Verdict
        /// Changed agents that could be compared.
        public let agents: Int
        /// Agents of the control group that could be compared.
        public let control: Int
        /// The middle of the changed agents before and after; items per second for `accepted`, otherwise
        /// shares of 1.
        public let before: Double?
        public let after: Double?
        /// The middle of the control group now.
        public let controlAfter: Double?
        /// How likely the difference is by chance; `nil` where no test was made.
        public let chance: Double?
        /// Agents that break the rule for one agent.
        public let violations: Int
        /// In words.
        public let summary: String
    }

    public let stage: Int
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let verdict: Verdict
    /// In words, when it did not pass.
    public let reason: String
    public let healthy: Int
    public let failed: Int
    public let lost: Int
    public let findings: [Finding]
}
