internal import Pipeline
public import Settings

/// Something that is possible and probably not meant; each can be silenced by its name in a revision.
public struct LintRule: Sendable {
    /// What is looked at.
    struct Subject {
        let outline: ConfigurationOutline
        /// Says whether a schema calls the value at a path a secret; `nil` when none knows it.
        let isSecret: ([String]) -> Bool?
    }

    /// As it is silenced, such as `no-memory-limiter`.
    public let name: String
    public let severity: Diagnostic.Severity
    /// One sentence: what it finds and why that matters.
    public let summary: String
    let find: @Sendable (Subject) -> [Diagnostic]

    init(
        _ name: String, _ severity: Diagnostic.Severity, _ summary: String,
        find: @escaping @Sendable (Subject) -> [Diagnostic]
    ) {
        self.name = name
        self.severity = severity
        self.summary = summary
        self.find = find
    }

    /// Every rule, in the order in which their findings are told.
    public static let all: [LintRule] = [
        LintRule(
            "plaintext-secret", .error,
            "A secret is written into the configuration, where everybody who looks can read it.",
            find: plaintextSecrets),
        LintRule(
            "insecure-tls", .warning,
            "A connection is not encrypted, or does not check whom it talks to.", find: insecureTLS),
        LintRule(
            "listens-everywhere", .warning,
            "A receiver listens on all addresses of the machine.", find: openReceivers),
        LintRule(
            "unused-component", .warning, "A component is configured and not used.", find: unusedComponents),
        LintRule(
            "no-memory-limiter", .warning,
            "A pipeline has no memory_limiter as its first processor, so a burst can end the process.",
            find: missingMemoryLimiters),
        LintRule(
            "no-batch", .note,
            "A pipeline sends what comes as it comes, without batching.", find: missingBatches),
        LintRule(
            "no-queue", .warning,
            "An exporter has no queue or does not try again, so data is lost when its destination is away.",
            find: missingQueues),
        LintRule(
            "debug-exporter", .warning,
            "A pipeline writes telemetry into the log of the agent.", find: debugExporters),
        LintRule(
            "drops-everything", .warning,
            "A filter or a sampler lets nothing through.", find: droppingEverything),
    ]

    /// The names of all rules.
    public static let names = all.map(\.name)
}

extension LintRule {
    private static func plaintextSecrets(_ subject: Subject) -> [Diagnostic] {
        SecretPlaces.plaintext(in: subject.outline.tree, isSecret: subject.isSecret).map { found in
            let message =
                found.isVariable
                ? "is a secret; values of variables can be read by everybody who looks"
                : "is a secret in plain text"
            return Diagnostic(
                at: found.position, path: found.path,
                "\(message); write ${env:NAME}, ${file:PATH} or ${secret:NAME}")
        }
    }

    private static func unusedComponents(_ subject: Subject) -> [Diagnostic] {
        let outline = subject.outline
        guard outline.tree["service"] != nil, !outline.pipelines.contains(where: { $0.isOpen }) else {
            return []
        }
        let used: [ComponentKind: Set<String>] = [
            .receiver: Set(outline.pipelines.flatMap(\.receivers)),
            .processor: Set(outline.pipelines.flatMap(\.processors)),
            .exporter: Set(outline.pipelines.flatMap(\.exporters)),
            .connector: Set(outline.pipelines.flatMap { $0.receivers + $0.exporters }),
            .extension: outline.extensions.map(Set.init) ?? Set(outline.items(.extension).map(\.id)),
        ]
        return outline.items.filter { used[$0.kind]?.contains($0.id) != true }.map { item in
            Diagnostic(
                .warning, at: item.entry.keyPosition, path: item.path,
                "the \(item.kind.rawValue) '\(item.id)' is not used")
        }
    }

    private static func missingMemoryLimiters(_ subject: Subject) -> [Diagnostic] {
        let outline = subject.outline
        let hasExtension = outline.items(.extension).contains { item in
            item.type == "memory_limiter" && outline.extensions?.contains(item.id) != false
        }
        guard !hasExtension else { return [] }
        return outline.pipelines.compactMap { pipeline in
            let types = pipeline.processors.map(ConfigurationOutline.type)
            guard !pipeline.isOpen, !pipeline.receivers.isEmpty, types.first != "memory_limiter" else {
                return nil
            }
            return Diagnostic(
                .warning, at: pipeline.entry.keyPosition, path: pipeline.path,
                types.contains("memory_limiter")
                    ? "memory_limiter is not the first processor"
                    : "has no memory_limiter, so a burst can end the process")
        }
    }

    private static func missingBatches(_ subject: Subject) -> [Diagnostic] {
        let outline = subject.outline
        let batching = Set(
            outline.items(.exporter).filter { item in
                item.entry.value[["sending_queue", "batch"]].map { $0.text != "false" } ?? false
            }.map(\.id))
        return outline.pipelines.compactMap { pipeline in
            let hasBatch = pipeline.processors.contains { ConfigurationOutline.type(of: $0) == "batch" }
            guard !pipeline.isOpen, !hasBatch,
                pipeline.exporters.contains(where: { !batching.contains($0) && !isLocal($0) })
            else { return nil }
            return Diagnostic(
                .note, at: pipeline.entry.keyPosition, path: pipeline.path,
                "has no batching; add the processor batch or sending_queue::batch to its exporters")
        }
    }

    private static func missingQueues(_ subject: Subject) -> [Diagnostic] {
        subject.outline.items(.exporter).flatMap { item in
            ["sending_queue", "retry_on_failure"].compactMap { key -> Diagnostic? in
                guard let enabled = item.entry.value[[key, "enabled"]], enabled.text == "false" else {
                    return nil
                }
                return Diagnostic(
                    .warning, at: enabled.position, path: item.path + [key, "enabled"],
                    "is switched off, so data is lost when the destination is away")
            }
        }
    }

    private static func debugExporters(_ subject: Subject) -> [Diagnostic] {
        subject.outline.pipelines.flatMap { pipeline in
            pipeline.exporters.enumerated().compactMap { index, id -> Diagnostic? in
                guard ["debug", "logging"].contains(ConfigurationOutline.type(of: id)) else { return nil }
                let path = pipeline.path + ["exporters", "\(index)"]
                return Diagnostic(
                    .warning, at: subject.outline.tree[path]?.position, path: path,
                    "'\(id)' writes telemetry into the log of the agent")
            }
        }
    }

    private static func droppingEverything(_ subject: Subject) -> [Diagnostic] {
        let used = Set(subject.outline.pipelines.flatMap(\.processors))
        return subject.outline.items(.processor).filter { used.contains($0.id) }.compactMap { item in
            switch item.type {
            case "probabilistic_sampler":
                guard let share = item.entry.value["sampling_percentage"],
                    share.text.flatMap(Double.init) == 0
                else { return nil }
                return Diagnostic(
                    .warning, at: share.position, path: item.path + ["sampling_percentage"],
                    "lets nothing through")
            case "filter":
                return alwaysTrue(item.entry.value, path: item.path)
            default: return nil
            }
        }
    }

    /// The first condition of a filter that is simply `true`.
    private static func alwaysTrue(_ tree: Tree, path: [String]) -> Diagnostic? {
        for entry in tree.table ?? [] {
            if let found = alwaysTrue(entry.value, path: path + [entry.key]) { return found }
        }
        for (index, element) in (tree.list ?? []).enumerated() {
            let path = path + ["\(index)"]
            if element.text == "true" {
                return Diagnostic(.warning, at: element.position, path: path, "drops everything")
            }
            if let found = alwaysTrue(element, path: path) { return found }
        }
        return nil
    }

    private static func isLocal(_ exporter: String) -> Bool {
        ["debug", "logging", "nop", "file"].contains(ConfigurationOutline.type(of: exporter))
    }
}
