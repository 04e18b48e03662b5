internal import Pipeline
internal import Settings
internal import Telemetry

/// The rules a set of pipelines has to keep, beyond the settings of each component.
struct GraphRules {
    /// A rule that was broken, and the configuration path where it shows.
    struct Violation: Equatable {
        let path: [String]
        let message: String
        /// What was probably meant.
        var suggestion: String?
    }

    let configuration: CollectorConfiguration
    /// Ids that are configured, whether or not their settings were correct.
    let declared: [ComponentKind: Set<ComponentID>]

    /// Everything that is wrong, in the order of the pipelines.
    func violations() -> [Violation] {
        guard !configuration.pipelines.isEmpty else {
            return [Violation(path: ["service", "pipelines"], message: "at least one pipeline is needed")]
        }
        var found: [Violation] = []
        for violation in configuration.pipelines.flatMap({ violations(in: $0) }) + connectorViolations()
        where !found.contains(violation) {
            found.append(violation)
        }
        return found.isEmpty ? cycles() : found
    }

    private func violations(in pipeline: PipelineConfiguration) -> [Violation] {
        var found: [Violation] = []
        let path = ["service", "pipelines", pipeline.id.description]
        if pipeline.receivers.isEmpty {
            found.append(Violation(path: path + ["receivers"], message: "at least one receiver is needed"))
        }
        if pipeline.exporters.isEmpty {
            found.append(Violation(path: path + ["exporters"], message: "at least one exporter is needed"))
        }
        found += check(pipeline.receivers, [.receiver, .connector], path + ["receivers"], pipeline.id.signal)
        found += check(pipeline.processors, [.processor], path + ["processors"], pipeline.id.signal)
        found += check(pipeline.exporters, [.exporter, .connector], path + ["exporters"], pipeline.id.signal)
        return found
    }

    private func check(
        _ ids: [ComponentID], _ kinds: [ComponentKind], _ path: [String], _ signal: Signal
    ) -> [Violation] {
        var found: [Violation] = []
        var seen: Set<ComponentID> = []
        for (index, id) in ids.enumerated() {
            let path = path + [String(index)]
            if !seen.insert(id).inserted {
                found.append(Violation(path: path, message: "'\(id)' is named twice"))
                continue
            }
            guard let kind = kinds.first(where: { declared[$0]?.contains(id) == true }) else {
                let sections = kinds.map { $0.section }.joined(separator: " or ")
                found.append(Violation(path: path, message: unknown(id, kinds, sections)))
                continue
            }
            if let type = type(of: kind, id), kind != .connector, !type.signals.contains(signal) {
                found.append(
                    Violation(
                        path: path,
                        message: "the \(kind.rawValue) '\(id)' does not support \(signal.rawValue)"))
            } else if kind == .processor, let step = configuration.steps[id] {
                // Shown at the key, and once however many pipelines of the signal there are.
                found += step.problems(signal).map { Violation($0, in: kind, id) }
            }
        }
        return found
    }

    private func unknown(_ id: ComponentID, _ kinds: [ComponentKind], _ sections: String) -> String {
        let known = kinds.flatMap { declared[$0] ?? [] }.map { $0.description }.sorted()
        let list = known.isEmpty ? "none is configured" : "configured are: \(known.joined(separator: ", "))"
        return "'\(id)' is not configured under \(sections) (\(list))"
    }

    private func type(of kind: ComponentKind, _ id: ComponentID) -> (any Component.Type)? {
        switch kind {
        case .receiver: configuration.receivers[id]?.type
        case .processor: configuration.steps[id]?.type
        case .exporter: configuration.exporters[id]?.type
        case .connector: configuration.connectors[id]?.type
        case .extension: configuration.extensions[id]?.type
        }
    }

    // MARK: - Connectors

    private func connectorViolations() -> [Violation] {
        var found: [Violation] = []
        for (id, connector) in configuration.connectors.sorted(by: { $0.key.description < $1.key.description }
        ) {
            let sources = configuration.pipelines.filter { $0.exporters.contains(id) }
            let targets = configuration.pipelines.filter { $0.receivers.contains(id) }
            guard !sources.isEmpty || !targets.isEmpty else { continue }
            let path = ["connectors", id.description]
            if sources.isEmpty || targets.isEmpty {
                let missing = sources.isEmpty ? "an exporter" : "a receiver"
                found.append(
                    Violation(
                        path: path, message: "a connector joins two pipelines; it is not used as \(missing)"))
                continue
            }
            for source in sources where !targets.contains(where: { allows(connector, source.id, $0.id) }) {
                let message = "the connector cannot take \(source.id.signal.rawValue) to any of its pipelines"
                found.append(Violation(path: path, message: message))
            }
            for target in targets where !sources.contains(where: { allows(connector, $0.id, target.id) }) {
                let message = "the connector has nothing to give to the pipeline \(target.id)"
                found.append(Violation(path: path, message: message))
            }
            let place = ConnectorPlace(
                sources: sources.map { $0.id }, targets: targets.map { $0.id },
                pipelines: configuration.pipelines.map { $0.id })
            found += connector.problems(place).map { Violation($0, in: .connector, id) }
        }
        return found
    }

    private func allows(_ connector: ConfiguredConnector, _ source: PipelineID, _ target: PipelineID) -> Bool
    {
        connector.type.conversions.contains { $0.from == source.signal && $0.to == target.signal }
    }

    // MARK: - Cycles

    private func cycles() -> [Violation] {
        switch PipelineOrder(configuration.pipelines, connectors: declared[.connector] ?? []).result {
        case .success: return []
        case .failure(let loop):
            let text = loop.path.joined(separator: " → ")
            return [Violation(path: ["service", "pipelines"], message: "the pipelines form a loop: \(text)")]
        }
    }
}

extension GraphRules.Violation {
    /// A problem that the settings of a component have where it is used.
    fileprivate init(_ problem: Problem, in kind: ComponentKind, _ id: ComponentID) {
        let steps = problem.field.split(separator: ".").map { String($0) }
        self.init(
            path: [kind.section, id.description] + steps, message: problem.message,
            suggestion: problem.suggestion)
    }
}
