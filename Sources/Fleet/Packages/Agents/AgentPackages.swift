internal import FleetModel
internal import OpAMP

/// What is known of the packages of one agent; most agents have none of it.
///
/// It belongs to its `Agent`, and is reached as that is.
final class AgentPackages {
    /// Reports of one agent that are kept.
    static let historyLimit = 16

    /// What the agent said last; `bounded` has cut it.
    var statuses = PackageStatuses()
    /// What became of offers by their hashes, the newest last.
    var history: [ConfigurationReport] = []
    /// The number of the assignment in the table of terms.
    var terms = UInt32.absent
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    var assignmentTime: UInt64 = 0
    var offer: Agent.Offer?
    /// A person wants it offered again although it failed.
    var mayRetry = false
    /// Whether `statuses` have been compared with what the agent ought to have.
    var isJudged = false
    /// Whether the agent has what it ought to have, as it said last.
    var isComplete = false
    var state = DriftState.unmanaged

    init() {}

    /// The last that is known of an offer.
    func lastReport(_ hash: ContentHash) -> ConfigurationReport? { history.last { $0.hash == hash.bytes } }

    /// Takes down what became of an offer, unless it is known already.
    ///
    /// - Returns: Whether that is news.
    func note(_ report: ConfigurationReport) -> Bool {
        if let last = history.last, last.hash == report.hash, last.outcome == report.outcome,
            last.message == report.message || report.outcome == .applying
        {
            switch report.outcome {
            // It may fail again in the same way with what was offered again.
            case .failed, .rolledBack:
                guard let offer, offer.time >= last.time, offer.time >= assignmentTime else { return false }
            case .applying, .applied: guard last.time < assignmentTime else { return false }
            }
        }
        var report = report
        report.time = max(report.time, history.last?.time ?? 0, assignmentTime)
        history.append(report)
        if history.count > Self.historyLimit { history.removeFirst(history.count - Self.historyLimit) }
        return true
    }

    /// How what the agent has compares with what it ought to have.
    func drift(_ terms: AssignmentTerms?) -> DriftState {
        guard let terms else { return .unmanaged }
        guard let last = lastReport(terms.hash), last.time >= assignmentTime else { return .pending }
        switch last.outcome {
        case .failed, .rolledBack: return .failed
        case .applying: return .applying
        case .applied: return isComplete || !isJudged ? .inSync : .drifted
        }
    }

    /// Whether the agent is to be offered what it ought to have, as far as what it said goes.
    ///
    /// - Parameters:
    ///   - terms: What it ought to have.
    ///   - owner: The connection that it speaks over.
    /// - Returns: Whether an offer may make a difference.
    func wants(_ terms: AssignmentTerms, over owner: any AgentConnection) -> Bool {
        if mayRetry { return true }
        let last = lastReport(terms.hash)
        if let last, last.time >= assignmentTime, last.outcome == .failed { return false }
        guard statuses.serverProvidedAllPackagesHash == terms.hash.bytes else { return true }
        return switch last?.outcome {
        // It failed before somebody wanted it once more.
        case .failed: true
        // Whoever lost the connection, or began anew, in the midst of it may have given up; an offer of what
        // is under way still changes nothing.
        case .applying: offer.map { owner.isWebSocket && $0.connection != owner.id } ?? true
        default: false
        }
    }
}

/// One package of an offer, as an agent has to report it.
struct OfferedPackage: Sendable, Hashable {
    let version: String
    let hash: [UInt8]
}

extension PackageStatuses {
    /// What became of an offer, and why; `nil` when this says nothing of it.
    ///
    /// An agent that has just these packages already has them, whatever it was offered last: agents that go
    /// back to what they have do not report anything.
    func outcome(
        of hash: ContentHash, with packages: [String: OfferedPackage]
    ) -> (outcome: ConfigurationReport.Outcome, message: String)? {
        let isAbout = serverProvidedAllPackagesHash == hash.bytes
        if isAbout, let reason = failure(of: packages) { return (.failed, reason) }
        let isDone = packages.allSatisfy { name, package in
            self.packages[name]?.has(package, believesVersion: isAbout) ?? false
        }
        if isDone { return (.applied, "") }
        return isAbout ? (.applying, "") : nil
    }

    /// Why an offer failed; `nil` when it did not.
    private func failure(of packages: [String: OfferedPackage]) -> String? {
        for (name, package) in packages.sorted(by: { $0.key < $1.key }) {
            guard let status = self.packages[name], status.status == .installFailed,
                // Agents keep what became of the offer before until they have begun with this one.
                status.serverOfferedHash.isEmpty || status.serverOfferedHash == package.hash
            else { continue }
            let reason = status.errorMessage.isEmpty ? "no reason given" : status.errorMessage
            return name.isEmpty ? reason : "package '\(name)': \(reason)"
        }
        return errorMessage.isEmpty ? nil : errorMessage
    }

    /// Whether the agent is about to change anything.
    var isUnderWay: Bool {
        packages.values.contains { status in
            switch status.status {
            case .installPending, .installing, .downloading: true
            case .installed, .installFailed, .unknown: false
            }
        }
    }

    /// The same within bounds: 64 packages, names and versions of 256 bytes, messages of 1 KiB.
    var bounded: PackageStatuses {
        var statuses = PackageStatuses()
        statuses.serverProvidedAllPackagesHash = Array(serverProvidedAllPackagesHash.prefix(64))
        statuses.errorMessage = errorMessage.cut(toBytes: 1024)
        for (name, status) in packages.sorted(by: { $0.key < $1.key }).prefix(64) {
            var kept = status
            kept.name = ""
            kept.agentHasVersion = status.agentHasVersion.cut(toBytes: 256)
            kept.agentHasHash = Array(status.agentHasHash.prefix(64))
            kept.serverOfferedVersion = status.serverOfferedVersion.cut(toBytes: 256)
            kept.serverOfferedHash = Array(status.serverOfferedHash.prefix(64))
            kept.errorMessage = status.errorMessage.cut(toBytes: 1024)
            statuses.packages[name.cut(toBytes: 256)] = kept
        }
        return statuses
    }

    /// Without how far downloads are, which is not kept: it changes all the time.
    var withoutProgress: PackageStatuses {
        var statuses = self
        for name in packages.keys { statuses.packages[name]?.downloadDetails = nil }
        return statuses
    }
}

extension PackageStatus {
    /// Whether the agent has a package as it was offered; one that reports no hash may be believed its
    /// version.
    fileprivate func has(_ package: OfferedPackage, believesVersion: Bool) -> Bool {
        switch status {
        case .installed: break
        // It stands for the other one that could not be installed.
        case .installFailed: return !agentHasHash.isEmpty && agentHasHash == package.hash
        case .installPending, .installing, .downloading, .unknown: return false
        }
        if agentHasHash.isEmpty { return believesVersion && agentHasVersion == package.version }
        return agentHasHash == package.hash
    }
}
