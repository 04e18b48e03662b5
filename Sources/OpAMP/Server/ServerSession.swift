/// What a server remembers of one agent in order to read its messages: a small value, without a connection.
///
/// It tells repeated messages from new ones, notices lost ones, and knows when to ask for everything again.
public struct ServerSession: Sendable, Hashable {
    /// The number of the last message; `nil` before the first.
    public private(set) var sequenceNumber: UInt64?
    /// What the agent can do, as it said last.
    public private(set) var capabilities: AgentCapabilities
    /// The parts that the agent has reported since it began.
    public private(set) var known: ReportedParts
    /// Whether something of the agent's state is not known, or may have been lost.
    public private(set) var lacksState = false

    /// What the last message had in it; 0 for a heartbeat.
    private var fingerprint: Int?
    /// Messages until the next may ask for the state, so that an agent that does not understand is not asked
    /// every time.
    private var patience: UInt16 = 0
    private var nextPatience = Self.shortestPatience
    private var hasIntroducedItself = false
    /// Whether `known` has been all that the agent reports, at some time since it began.
    private var knewEverything = false

    private static let shortestPatience: UInt16 = 2
    private static let longestPatience: UInt16 = 1024

    /// A session with an agent of which nothing is known.
    public init() {
        capabilities = []
        known = []
    }

    /// A session that goes on after the server began anew, or elsewhere.
    public init(sequenceNumber: UInt64?, capabilities: AgentCapabilities, known: ReportedParts) {
        self.sequenceNumber = sequenceNumber
        self.capabilities = capabilities
        self.known = known
        knewEverything = known.contains(.description)
    }

    /// Takes a message.
    ///
    /// What it returns says whether the message is to be processed; it is to be answered in any case.
    ///
    /// - Parameters:
    ///   - message: What the agent said.
    ///   - digest: What stands for parts of the message that are not in `message`, because they were read
    ///     elsewhere; two messages that differ only there are no duplicates.
    /// - Returns: What the message is after those before it.
    public mutating func receive(_ message: AgentToServer, digest: Int = 0) -> Reception {
        let parts = message.parts
        let content = message.isHeartbeat ? 0 : message.hashValue ^ digest
        let order = order(of: message.sequenceNumber, content: content)
        var reception = Reception(
            order: order, parts: parts, changesCapabilities: false,
            componentsHash: message.availableComponents.flatMap { $0.components.isEmpty ? $0.hash : nil })
        guard order != .duplicate else { return reception }

        if order != .poll {
            sequenceNumber = message.sequenceNumber
            fingerprint = content
        }
        // A message without any bit leaves them out: one bit at least is always set.
        if !message.capabilities.isEmpty, message.capabilities != capabilities {
            capabilities = message.capabilities
            reception.changesCapabilities = true
        }
        note(parts, message.sequenceNumber, order)
        return reception
    }

    /// How `number` follows the last one.
    private func order(of number: UInt64, content: Int) -> Reception.Order {
        guard let last = sequenceNumber else { return .first }
        if number == last &+ 1 { return .next }
        if number == last, content == fingerprint { return .duplicate }
        // A poll of plain HTTP may have nothing but the id.
        if number == 0, content == 0 { return .poll }
        if number > last { return .gap(number - last - 1) }
        return .restarted
    }

    /// Remembers what is known of the agent after a message with these parts.
    private mutating func note(_ parts: ReportedParts, _ number: UInt64, _ order: Reception.Order) {
        var isBeginning = false
        switch order {
        case .first, .restarted:
            (lacksState, knewEverything) = (true, false)
            isBeginning = number <= 1
        case .gap: lacksState = true
        case .next, .poll, .duplicate: break
        }
        if patience > 0 { patience -= 1 }
        if isFull(parts, isBeginning: isBeginning) {
            (lacksState, knewEverything) = (false, true)
            (patience, nextPatience) = (0, Self.shortestPatience)
            known = parts
        } else {
            known.formUnion(parts)
        }
    }

    /// Whether a message with these parts has everything that there is to know of the agent.
    ///
    /// Every full report has a description. It is full when it is the first of the agent's process, or when
    /// it has everything that was known before; when not all was known, it has to have what the agent can be
    /// expected to have. An agent that has less is believed when it has been asked twice.
    private func isFull(_ parts: ReportedParts, isBeginning: Bool) -> Bool {
        guard parts.contains(.description) else { return false }
        if isBeginning { return true }
        let wasAskedTwice = nextPatience > Self.shortestPatience * 2
        return parts.isSuperset(of: knewEverything || wasAskedTwice ? known : known.union(expected))
    }

    /// The parts that an agent with these capabilities has, as a rule.
    private var expected: ReportedParts {
        var parts: ReportedParts = .customCapabilities
        if capabilities.contains(.reportsHealth) { parts.insert(.health) }
        if capabilities.contains(.reportsEffectiveConfig) { parts.insert(.effectiveConfig) }
        if capabilities.contains(.reportsAvailableComponents) { parts.insert(.availableComponents) }
        if capabilities.contains(.reportsRemoteConfig) { parts.insert(.remoteConfigStatus) }
        return parts
    }

    /// Whether the next message would ask the agent for everything, if it may.
    public var wantsFullState: Bool { lacksState && patience == 0 }

    /// The flags of the message that is sent now.
    ///
    /// `mayAsk` tells whether the server can take a full report now: a server asks so many agents in a second
    /// and no more.
    public mutating func takeFlags(mayAsk: Bool) -> ServerToAgentFlags {
        guard wantsFullState, mayAsk else { return [] }
        patience = nextPatience
        nextPatience = min(nextPatience * 2, Self.longestPatience)
        return .reportFullState
    }

    /// Whether the message that is sent now says what the server can do: the first on a connection does.
    public mutating func takeIntroduction() -> Bool {
        defer { hasIntroducedItself = true }
        return !hasIntroducedItself
    }

    /// The agent came over a new connection: the server says again what it can do.
    public mutating func reconnected() { hasIntroducedItself = false }

    /// Whether the agent may get such an offer.
    public func allows(_ offer: ServerOffer) -> Bool { capabilities.contains(offer.capability) }
}
