internal import OpAMP
internal import Pipeline
internal import Settings
internal import Wire

/// The custom messages of `io.apus.config/v1`: JSON about configurations, for what the protocol lacks.
enum ConfigurationMessages {
    static let capability = "io.apus.config/v1"

    /// What a server says.
    enum Incoming: Equatable {
        /// More about the configuration that comes with the same message.
        case offer(hash: [UInt8], occasion: String?, confirmWithin: Duration?, expectsDrop: Bool)
        case confirm(hash: [UInt8])
        case validate(id: String, files: [RemoteFile])
    }

    /// Reads a message; `nil` for what is not understood.
    static func read(_ message: CustomMessage) -> Incoming? {
        guard message.capability == capability, let text = String(validating: message.data, as: UTF8.self),
            let tree = try? Tree(json: text, source: ConfigurationSource(.inline, message.type))
        else { return nil }
        switch message.type {
        case "offer":
            guard let hash = hash(tree) else { return nil }
            let seconds = tree["confirm_within_s"]?.text.flatMap { Int($0) }
            return .offer(
                hash: hash, occasion: tree["rollout"]?.text,
                confirmWithin: seconds.flatMap { $0 > 0 ? .seconds($0) : nil },
                expectsDrop: tree["expect_drop"]?.text == "true")
        case "confirm": return hash(tree).map { .confirm(hash: $0) }
        case "validate":
            guard let id = tree["id"]?.text, let files = tree["files"]?.list else { return nil }
            return .validate(
                id: id,
                files: files.map { file in
                    RemoteFile(
                        name: file["name"]?.text ?? "", contentType: file["type"]?.text ?? "",
                        body: Array((file["body"]?.text ?? "").utf8))
                })
        default: return nil
        }
    }

    private static func hash(_ tree: Tree) -> [UInt8]? {
        tree["hash"]?.text.flatMap { Hexadecimal.bytes(of: $0) }
    }

    /// What the collector went back from and to.
    static func rolledBack(_ rollback: RemoteRollback) -> CustomMessage {
        message(
            "rolled_back",
            .table([
                "from": .text(Hexadecimal.text(of: rollback.from)),
                "to": .text(Hexadecimal.text(of: rollback.to)),
                "reason": .text(rollback.reason),
            ]))
    }

    /// What checking documents has found.
    static func validated(_ id: String, _ diagnostics: [RemoteDiagnostic]) -> CustomMessage {
        let list = diagnostics.map { diagnostic in
            Tree.table([
                "severity": .text(diagnostic.severity.rawValue), "file": .text(diagnostic.file),
                "line": .number(diagnostic.line), "column": .number(diagnostic.column),
                "pointer": .text(diagnostic.pointer), "message": .text(diagnostic.message),
            ])
        }
        return message(
            "validated",
            .table([
                "id": .text(id), "valid": .bool(!diagnostics.contains { $0.severity == .error }),
                "diagnostics": .list(list),
            ]))
    }

    private static func message(_ type: String, _ tree: Tree) -> CustomMessage {
        CustomMessage(capability: capability, type: type, data: Array(tree.json().utf8))
    }
}

/// `watch` of `io.apus.flow/v1`: the server wants to see the counters more often for a while.
struct FlowWatch: Sendable, Equatable {
    var interval: Duration
    var length: Duration

    /// What a collector does by itself while a configuration is being tried.
    static let whileApplying = FlowWatch(interval: .seconds(5), length: .seconds(120))

    init(interval: Duration, length: Duration) {
        self.interval = min(max(interval, .seconds(1)), .seconds(3600))
        self.length = min(max(length, .zero), .seconds(3600))
    }

    /// Reads a message; `nil` for what is not understood.
    init?(_ message: CustomMessage) {
        guard message.capability == FlowReport.capability, message.type == "watch",
            let text = String(validating: message.data, as: UTF8.self),
            let tree = try? Tree(json: text, source: ConfigurationSource(.inline, message.type)),
            let interval = tree["interval_s"]?.text.flatMap({ Double($0) }),
            let length = tree["for_s"]?.text.flatMap({ Double($0) }),
            interval.isFinite, length.isFinite, (0...86_400).contains(interval), (0...86_400).contains(length)
        else { return nil }
        self.init(interval: .seconds(interval), length: .seconds(length))
    }
}
