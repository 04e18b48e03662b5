public import OpAMP

/// What a connection of agents has proved about itself.
///
/// It opens nothing but being these agents: no route of people takes it.
public enum AgentPrincipal: Sendable, Hashable {
    /// An enrollment token: new agents come with it, and those that cannot take another credential stay
    /// with it (`keep`).
    ///
    /// Agents get `labels`, and need nobody's yes when `isApproved`.
    case enrollment(token: String, labels: [String: String], isApproved: Bool, keep: Bool)
    /// The agent's own token.
    case agent(InstanceUID)
    /// A certificate that the manager's authority issued to the agent.
    case certificate(InstanceUID)
    /// Nothing: the listener takes everybody, which is possible on loopback only.
    case anyone

    /// The one agent that this may be; `nil` when it is not bound to one.
    public var uid: InstanceUID? {
        switch self {
        case .agent(let uid), .certificate(let uid): uid
        case .enrollment, .anyone: nil
        }
    }

    /// For the log and the audit log; nothing secret is in it.
    public var description: String {
        switch self {
        case .enrollment(let token, _, _, _): "enrollment:\(token)"
        case .agent(let uid): "agent:\(uid)"
        case .certificate(let uid): "certificate:\(uid)"
        case .anyone: "anyone"
        }
    }
}

/// What an agent with a certain credential may be.
public enum AgentStanding: Sendable, Hashable {
    /// It is let in.
    case admitted
    /// It waits for a person: it is heard, and gets nothing.
    case waiting
    /// It has not been here with this credential: `AccessControl.enroll` decides.
    case new
    /// It is not let in; the reason is for the log and for the agent.
    case refused(String)
}

/// Why a connection of agents is not taken.
public enum AgentRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// It has no credential, or one that is not valid (any more): 401.
    case unauthenticated(String)
    /// Too many tries with wrong credentials came from its address: 429.
    case throttled(after: Duration)

    public var description: String {
        switch self {
        case .unauthenticated(let reason): reason
        case .throttled(let wait):
            "there were too many failed tries; try again in \(AccessText.seconds(wait)) s"
        }
    }
}

enum AccessText {
    /// Whole seconds, rounded up, at least 1.
    static func seconds(_ duration: Duration) -> Int { max(1, Int((duration / .seconds(1)).rounded(.up))) }
}

extension AccessText {
    /// A time in nanoseconds since 1970 and a while later.
    static func time(_ time: UInt64, plus life: Duration) -> UInt64 {
        let (sum, overflow) = time.addingReportingOverflow(UInt64(max(life / .nanoseconds(1), 0)))
        return overflow ? .max : sum
    }
}
