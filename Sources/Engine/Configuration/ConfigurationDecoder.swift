public import Pipeline
public import Settings
internal import Telemetry

/// Turns a configuration tree into a `CollectorConfiguration`, finding everything that is wrong with it.
public struct ConfigurationDecoder: Sendable {
    private let catalog: ComponentCatalog

    public init(catalog: ComponentCatalog) {
        self.catalog = catalog
    }

    /// The configuration, unless there is an error among the diagnostics.
    public func decode(_ tree: Tree) -> (configuration: CollectorConfiguration?, diagnostics: [Diagnostic]) {
        var pass = Pass(catalog: catalog, root: tree)
        pass.run()
        let diagnostics = pass.diagnostics.inFileOrder().hiding(pass.secrets)
        return (diagnostics.hasErrors ? nil : pass.configuration, diagnostics)
    }

    /// What is written in a tree where secrets belong, whether or not it can be used.
    public func secrets(in tree: Tree) -> Set<String> {
        var pass = Pass(catalog: catalog, root: tree)
        pass.run()
        return pass.secrets
    }

    /// One reading of one tree.
    private struct Pass {
        let catalog: ComponentCatalog
        let root: Tree
        var configuration = CollectorConfiguration()
        var declared: [ComponentKind: Set<ComponentID>] = [:]
        var diagnostics: [Diagnostic] = []
        var secrets: Set<String> = []

        mutating func run() {
            guard !root.isNull, let sections = root.table else {
                return report(root.isNull ? "the configuration is empty" : "expected a map of sections", [])
            }
            let known = ComponentKind.allCases.map { $0.section } + ["service"]
            for entry in sections where !known.contains(entry.key) {
                diagnostics.append(
                    Diagnostic(
                        at: entry.keyPosition, path: [entry.key], "unknown section",
                        suggestion: Spelling.nearest(to: entry.key, among: known)))
            }
            for kind in ComponentKind.allCases { readSection(kind) }
            guard let service = sections.first(where: { $0.key == "service" }), !service.value.isNull else {
                return report("the section 'service' is missing; it says which pipelines run", [])
            }
            readService(service)
            guard !diagnostics.contains(where: { $0.severity == .error && $0.path.first == "service" }) else {
                return
            }
            for violation in GraphRules(configuration: configuration, declared: declared).violations() {
                report(violation.message, violation.path, suggestion: violation.suggestion)
            }
        }

        // MARK: - Components

        private mutating func readSection(_ kind: ComponentKind) {
            guard let section = root[kind.section], !section.isNull else { return }
            guard let entries = section.table else {
                return report("expected a map of \(kind.section) by id", [kind.section])
            }
            for entry in entries { readComponent(kind, entry) }
        }

        private mutating func readComponent(_ kind: ComponentKind, _ entry: Tree.Entry) {
            let path = [kind.section, entry.key]
            guard let id = ComponentID(parsing: entry.key) else {
                diagnostics.append(
                    Diagnostic(at: entry.keyPosition, path: path, "not an id; write type or type/name"))
                return
            }
            declared[kind, default: []].insert(id)
            guard let type = catalog.type(of: kind, named: id.type) else {
                let names = catalog.types(of: kind).flatMap { [$0.name] + $0.aliases }
                let list = names.sorted().joined(separator: ", ")
                diagnostics.append(
                    Diagnostic(
                        at: entry.keyPosition, path: path,
                        "there is no \(kind.rawValue) '\(id.type)'; available: \(list)",
                        suggestion: Spelling.nearest(to: id.type, among: names)))
                return
            }
            if type.name != id.type, type.aliases.contains(id.type) {
                diagnostics.append(
                    Diagnostic(
                        .note, at: entry.keyPosition, path: path,
                        "'\(id.type)' is the earlier name of '\(type.name)'; both work"))
            }
            read(kind, type, id, entry, path)
        }

        private mutating func read(
            _ kind: ComponentKind, _ type: any Component.Type, _ id: ComponentID, _ entry: Tree.Entry,
            _ path: [String]
        ) {
            switch type {
            case let type as any Receiver.Type: readReceiver(type, id, entry, path)
            case let type as any Holder.Type: readStep(type, id, entry, path)
            case let type as any Exporter.Type: readExporter(type, id, entry, path)
            case let type as any Connector.Type: readConnector(type, id, entry, path)
            case let type as any Extension.Type: readExtension(type, id, entry, path)
            default: report("'\(id.type)' is not a \(kind.rawValue)", path)
            }
        }

        private mutating func readReceiver<R: Receiver>(
            _ type: R.Type, _ id: ComponentID, _ entry: Tree.Entry, _ path: [String]
        ) {
            guard let settings = settings(R.Configuration.self, entry, path) else { return }
            configuration.receivers[id] = Configured(type: type, settings: settings.tree(.revealed)) {
                (context) throws(ComponentError) in
                try R(settings, in: context)
            }
        }

        private mutating func readStep<S: Holder>(
            _ type: S.Type, _ id: ComponentID, _ entry: Tree.Entry, _ path: [String]
        ) {
            guard let settings = settings(S.Configuration.self, entry, path) else { return }
            configuration.steps[id] = ConfiguredStep(type, settings)
        }

        private mutating func readExporter<E: Exporter>(
            _ type: E.Type, _ id: ComponentID, _ entry: Tree.Entry, _ path: [String]
        ) {
            guard let settings = settings(E.Configuration.self, entry, path) else { return }
            configuration.exporters[id] = Configured(type: type, settings: settings.tree(.revealed)) {
                (context) throws(ComponentError) in
                try E(settings, in: context)
            }
        }

        private mutating func readConnector<C: Connector>(
            _ type: C.Type, _ id: ComponentID, _ entry: Tree.Entry, _ path: [String]
        ) {
            guard let settings = settings(C.Configuration.self, entry, path) else { return }
            configuration.connectors[id] = ConfiguredConnector(type, settings)
        }

        private mutating func readExtension<E: Extension>(
            _ type: E.Type, _ id: ComponentID, _ entry: Tree.Entry, _ path: [String]
        ) {
            guard let settings = settings(E.Configuration.self, entry, path) else { return }
            configuration.extensions[id] = Configured(type: type, settings: settings.tree(.revealed)) {
                (context) throws(ComponentError) in
                try E(settings, in: context)
            }
        }

        private mutating func settings<S: SettingGroup>(_ type: S.Type, _ entry: Tree.Entry, _ path: [String])
            -> S?
        {
            let decoded = S.decode(entry.value, at: path, keyPosition: entry.keyPosition)
            diagnostics += decoded.diagnostics
            secrets.formUnion(decoded.secrets)
            if let value = decoded.value { configuration.printers.append((path, { value.tree($0) })) }
            return decoded.value
        }

        // MARK: - Service

        private mutating func readService(_ entry: Tree.Entry) {
            guard let service = settings(ServiceSettings.self, entry, ["service"]) else { return }
            configuration.telemetry = service.telemetry
            configuration.shutdownTimeout = service.shutdownTimeout
            for (index, text) in service.extensions.enumerated() {
                let path = ["service", "extensions", String(index)]
                guard let id = id(text, path) else { continue }
                guard declared[.extension]?.contains(id) == true else {
                    report("'\(id)' is not configured under extensions", path)
                    continue
                }
                guard !configuration.enabledExtensions.contains(id) else {
                    report("'\(id)' is named twice", path)
                    continue
                }
                configuration.enabledExtensions.append(id)
            }
            // The tree keeps the order of the file; the decoded map does not.
            for entry in entry.value["pipelines"]?.table ?? [] {
                guard let pipeline = service.pipelines[entry.key] else { continue }
                readPipeline(entry, pipeline)
            }
        }

        private mutating func readPipeline(_ entry: Tree.Entry, _ pipeline: PipelineSettings) {
            let path = ["service", "pipelines", entry.key]
            guard let id = PipelineID(parsing: entry.key) else {
                let signals = Signal.allCases.map { $0.rawValue }
                diagnostics.append(
                    Diagnostic(
                        at: entry.keyPosition, path: path,
                        "not a pipeline; write a signal (\(signals.joined(separator: ", "))) or signal/name",
                        suggestion: Spelling.nearest(to: entry.key, among: signals)))
                return
            }
            configuration.pipelines.append(
                PipelineConfiguration(
                    id: id, receivers: ids(pipeline.receivers, path + ["receivers"]),
                    processors: ids(pipeline.processors, path + ["processors"]),
                    exporters: ids(pipeline.exporters, path + ["exporters"])))
        }

        private mutating func ids(_ texts: [String], _ path: [String]) -> [ComponentID] {
            texts.enumerated().compactMap { id($0.element, path + [String($0.offset)]) }
        }

        private mutating func id(_ text: String, _ path: [String]) -> ComponentID? {
            if let id = ComponentID(parsing: text) { return id }
            report("'\(text)' is not an id; write type or type/name", path)
            return nil
        }

        /// An error at the place of `path`, or of the closest thing that was written.
        private mutating func report(_ message: String, _ path: [String], suggestion: String? = nil) {
            var written = path
            while !written.isEmpty, root[written] == nil { written.removeLast() }
            diagnostics.append(
                Diagnostic(at: root[written]?.position, path: path, message, suggestion: suggestion))
        }
    }
}
