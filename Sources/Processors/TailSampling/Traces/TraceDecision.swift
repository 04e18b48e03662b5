/// What was decided about a trace, once for all.
struct TraceDecision: Sendable, Hashable {
    enum Verdict: Sendable {
        case sampled, notSampled, dropped
    }

    let verdict: Verdict
    /// The policy that decided; `nil` when none did.
    let policy: String?
    /// The part of a composite policy that decided.
    var part: String?

    /// Nobody wanted the trace.
    static let notSampled = TraceDecision(verdict: .notSampled, policy: nil)

    /// Why spans are gone, for the ledger.
    var rule: String {
        switch verdict {
        case .sampled: "sampled"
        case .notSampled: policy.map { "not sampled by \($0)" } ?? "not sampled"
        case .dropped: policy.map { "dropped by \($0)" } ?? "dropped"
        }
    }
}
