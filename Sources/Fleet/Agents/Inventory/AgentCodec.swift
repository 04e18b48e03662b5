internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Wire

/// What is kept of an agent, as bytes: `state` outlives the process, `live` is for other managers.
///
/// Both are messages of protobuf, so that fields can be added; what is not known is left alone.
struct KeptAgent: Sendable, Equatable {
    /// Description, capabilities and number of the last message, as the agent would send them.
    var report: AgentToServer
    var known: ReportedParts = []
    var firstSeen: UInt64 = 0
    var lastSeen: UInt64 = 0
    var reportedHash: [UInt8] = []
    var history: [ConfigurationReport] = []
    var baseline: ContentHash?
    var components: [UInt8]?
    var offeredSettings: [UInt8] = []
    /// What became of offers of packages.
    var packageHistory: [ConfigurationReport] = []

    var health: CompactHealth?
    /// Names the shape of its health.
    var shape: ContentHash?
    var worstSince: UInt64 = 0
    /// Since when the agent is connected to its manager; 0 when it is not.
    var ownedSince: UInt64 = 0
    /// Whether the connection has shown that it is alive when another manager said that it has a later one.
    var isProven = false
    var flow: [FlowCounters] = []

    init(_ uid: InstanceUID) { report = AgentToServer(instanceUID: uid) }
}

extension KeptAgent {
    var state: [UInt8] {
        var writer = Writer(capacity: 1024)
        writer.write(bytes: report.encoded(), 1)
        writer.write(varint: UInt64(known.rawValue), 2)
        writer.write(varint: firstSeen, 3)
        writer.write(varint: lastSeen, 4)
        writer.write(bytes: reportedHash, 5)
        for report in history { Self.write(report, 6, to: &writer) }
        if let baseline { writer.write(bytes: baseline.bytes, 7) }
        if let components { writer.write(bytes: components, 8) }
        writer.write(bytes: offeredSettings, 9)
        for report in packageHistory { Self.write(report, 10, to: &writer) }
        return writer.finish().array
    }

    var live: [UInt8] {
        var writer = Writer(capacity: 256)
        if let health {
            writer.write(bool: health.isHealthy, 1)
            writer.write(varint: UInt64(ComponentState.allCases.firstIndex(of: health.worst) ?? 0), 2)
            writer.write(string: health.error, 3)
            writer.write(varint: health.started, 4)
            writer.write(varint: health.time, 5)
            writer.write(varint: worstSince, 6)
            for deviation in health.deviations { deviation.write(to: &writer, 10) }
        }
        if let shape { writer.write(bytes: shape.bytes, 11) }
        writer.write(varint: ownedSince, 7)
        writer.write(bool: isProven, 9)
        for sample in flow {
            writer.write(
                packedVarints: [
                    sample.time, sample.accepted, sample.delivered, sample.filtered, sample.dropped,
                    sample.refused, sample.exportFailures, sample.queued,
                ], 8)
        }
        return writer.finish().array
    }

    /// Reads what was kept; `nil` when it cannot be read.
    init?(_ uid: InstanceUID, state: [UInt8], live: [UInt8]) {
        self.init(uid)
        do throws(WireError) {
            try KeptField.read(state) { (number, field) in take(state: number, field) }
            var health = CompactHealth(
                isHealthy: false, worst: .ok, error: "", started: 0, time: 0, deviations: [])
            var hasHealth = false
            try KeptField.read(live) { (number, field) in take(live: number, field, &health, &hasHealth) }
            if hasHealth { self.health = health }
        } catch {
            return nil
        }
    }

    private mutating func take(state number: Int, _ field: KeptField) {
        switch number {
        case 1:
            do throws(OpAMPError) {
                report = try AgentToServer(decoding: Bytes(field.bytes))
            } catch {
                // Without a description the agent is asked for everything when it comes.
                known = []
            }
        case 2: known = ReportedParts(rawValue: UInt16(truncatingIfNeeded: field.number))
        case 3: firstSeen = field.number
        case 4: lastSeen = field.number
        case 5: reportedHash = field.bytes
        case 6: if let report = Self.report(field.bytes) { history.append(report) }
        case 7: baseline = ContentHash(bytes: field.bytes)
        case 8: components = field.bytes
        case 9: offeredSettings = field.bytes
        case 10: if let report = Self.report(field.bytes) { packageHistory.append(report) }
        default: break
        }
    }

    private mutating func take(
        live number: Int, _ field: KeptField, _ health: inout CompactHealth, _ hasHealth: inout Bool
    ) {
        switch number {
        case 1: (health.isHealthy, hasHealth) = (field.number != 0, true)
        case 2:
            let states = ComponentState.allCases
            health.worst = states[min(Int(clamping: field.number), states.count - 1)]
        case 3: health.error = String(decoding: field.bytes, as: UTF8.self)
        case 4: health.started = field.number
        case 5: health.time = field.number
        case 6: worstSince = field.number
        case 7: ownedSince = field.number
        case 8: if let sample = Self.sample(field.bytes) { flow.append(sample) }
        case 9: isProven = field.number != 0
        case 10:
            if let deviation = CompactHealth.Deviation(encoded: field.bytes),
                health.deviations.count < CompactHealth.mostDeviations
            {
                health.deviations.append(deviation)
            }
        case 11: shape = ContentHash(bytes: field.bytes)
        default: break
        }
    }

    private static func write(_ report: ConfigurationReport, _ number: Int, to writer: inout Writer) {
        let mark = writer.begin(number)
        writer.write(bytes: report.hash, 1)
        writer.write(
            varint: UInt64(ConfigurationReport.Outcome.allCases.firstIndex(of: report.outcome) ?? 0), 2)
        writer.write(string: report.message, 3)
        writer.write(varint: report.time, 4)
        writer.end(mark)
    }

    private static func report(_ bytes: [UInt8]) -> ConfigurationReport? {
        var report = ConfigurationReport(hash: [], outcome: .applying, message: "", time: 0)
        do throws(WireError) {
            try KeptField.read(bytes) { (number, field) in
                switch number {
                case 1: report.hash = field.bytes
                case 2:
                    let outcomes = ConfigurationReport.Outcome.allCases
                    report.outcome = outcomes[min(Int(clamping: field.number), outcomes.count - 1)]
                case 3: report.message = String(decoding: field.bytes, as: UTF8.self)
                case 4: report.time = field.number
                default: break
                }
            }
        } catch {
            return nil
        }
        return report
    }

    private static func sample(_ bytes: [UInt8]) -> FlowCounters? {
        var values: [UInt64] = []
        let memory = Bytes(bytes)
        do throws(WireError) {
            try memory.withSpan { (span) throws(WireError) in
                var cursor = Cursor(0..<memory.count)
                while !cursor.isAtEnd, values.count < 8 { values.append(try cursor.readVarint(span)) }
            }
        } catch {
            return nil
        }
        guard values.count == 8 else { return nil }
        var sample = FlowCounters()
        sample.time = values[0]
        sample.accepted = values[1]
        sample.delivered = values[2]
        sample.filtered = values[3]
        sample.dropped = values[4]
        sample.refused = values[5]
        sample.exportFailures = values[6]
        sample.queued = values[7]
        return sample
    }
}
