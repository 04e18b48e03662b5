internal import FleetModel
internal import OpAMP
internal import Settings
internal import Wire

/// A message of an agent, with everything done that needs nobody else.
struct PreparedReport: Sendable {
    let report: AgentToServer
    let attributes: [Attribute]?
    /// What it runs; `report` only says whether it says so.
    let effective: EffectiveReport?
    let flow: FlowReport?
    /// The type and the body of a message of `io.apus.config/v1`.
    let config: (type: String, body: Tree)?

    init(_ report: AgentToServer, effective: EffectiveReport?) {
        self.report = report
        self.effective = effective
        attributes = report.agentDescription?.attributes
        var flow: FlowReport?
        var config: (type: String, body: Tree)?
        switch report.customMessage {
        case let message? where message.capability == FlowReport.capability:
            if message.type == FlowReport.type {
                do throws(OpAMPError) { flow = try FlowReport(decoding: Bytes(message.data)) } catch {}
            }
        case let message? where message.capability == ConfigMessage.capability:
            config = ConfigMessage.body(of: message).map { (message.type, $0) }
        default: break
        }
        self.flow = flow
        self.config = config
    }
}

extension PreparedReport {
    /// Reads a message, without the secrets in it.
    ///
    /// - Parameters:
    ///   - message: Protobuf, without the header of the transport.
    ///   - offers: Who knows the secrets.
    ///   - memory: What agents have said before of what they run.
    ///   - limits: What one message may hold.
    /// - Throws: what is wrong with the message.
    init(
        reading message: Bytes, offers: any AgentOffers, memory: EffectiveMemory, limits: MessageLimits
    ) throws(OpAMPError) {
        let generation = offers.secretGeneration
        let part = message.count < EffectiveMemory.shortest ? nil : EffectiveConfigPart(in: message)
        if let part, message.count <= limits.messageBytes,
            let known = memory.find(message[part.content], generation: generation)
        {
            var report = try AgentToServer(decoding: offers.masked(part.rest(of: message)), limits: limits)
            report.effectiveConfig = EffectiveConfig()
            self.init(report, effective: known)
            return
        }
        let masked = offers.masked(message)
        var report = try AgentToServer(decoding: masked, limits: limits)
        var effective: EffectiveReport?
        if let map = report.effectiveConfig?.config {
            // Masking leaves everything where it is. A message that has it twice has none that is whole.
            let said = part.map { masked[$0.content] } ?? EffectiveConfig(map).encoded()
            let found = EffectiveReport(hash: ContentHash(of: map.canonicalBytes), said: said)
            if masked.isSameMemory(as: message) { memory.remember(found, generation: generation) }
            effective = found
            // Not kept twice, and the same whichever way it was read.
            report.effectiveConfig = EffectiveConfig()
        }
        self.init(report, effective: effective)
    }
}

extension Bytes {
    /// Whether both are the same bytes of the same region.
    fileprivate func isSameMemory(as other: Bytes) -> Bool {
        withUnsafeBytes { own in
            other.withUnsafeBytes { own.baseAddress == $0.baseAddress && own.count == $0.count }
        }
    }
}

extension FlowCounters {
    init(_ counters: FlowReport.Counters, at time: UInt64) {
        self.init()
        self.time = time
        accepted = counters.accepted
        delivered = counters.delivered
        filtered = counters.filtered
        dropped = counters.dropped
        refused = counters.refused
        exportFailures = counters.exportFailures
        queued = counters.queued
    }
}
