internal import FleetModel
internal import OpAMP
internal import Settings
internal import Synchronization
internal import Wire

/// A message of an agent, with everything done that needs nobody else.
struct PreparedReport: Sendable {
    let report: AgentToServer
    let attributes: [Attribute]?
    /// What it runs, and its bytes.
    let effective: (hash: ContentHash, content: [UInt8])?
    let flow: FlowReport?
    /// The type and the body of a message of `io.apus.config/v1`.
    let config: (type: String, body: Tree)?

    init(_ report: AgentToServer, hashes: EffectiveHashes) {
        self.report = report
        attributes = report.agentDescription?.attributes
        effective = report.effectiveConfig?.config.map { map in
            let content = map.canonicalBytes
            return (hashes.hash(of: content), content)
        }
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

/// The hashes of what agents run, found again by a quicker one: when a fleet comes back, thousands say the
/// same.
///
/// The quick one has a key that is made when the process starts, so nobody can make two contents that have
/// it alike.
final class EffectiveHashes: Sendable {
    private struct Fingerprint: Hashable {
        let first: Int
        let second: Int
        let count: Int
    }

    private static let limit = 10_000

    private let known = Mutex<[Fingerprint: ContentHash]>([:])

    func hash(of content: [UInt8]) -> ContentHash {
        var first = Hasher()
        var second = Hasher()
        second.combine(0x5EC0_17D5)
        content.withUnsafeBytes { memory in
            first.combine(bytes: memory)
            second.combine(bytes: memory)
        }
        let fingerprint = Fingerprint(
            first: first.finalize(), second: second.finalize(), count: content.count)
        if let found = known.withLock({ $0[fingerprint] }) { return found }
        let hash = ContentHash(of: content)
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[fingerprint] = hash
        }
        return hash
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
