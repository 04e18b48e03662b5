public import Pipeline
public import Settings

/// A configuration that has been read and checked: everything the engine needs to build a graph.
public struct CollectorConfiguration: Sendable {
    /// Components by id, each able to build itself.
    var receivers: [ComponentID: Configured<any Receiver>] = [:]
    var steps: [ComponentID: ConfiguredStep] = [:]
    var exporters: [ComponentID: Configured<any Exporter>] = [:]
    var connectors: [ComponentID: ConfiguredConnector] = [:]
    var extensions: [ComponentID: Configured<any Extension>] = [:]
    /// The pipelines, in the order of the file.
    public internal(set) var pipelines: [PipelineConfiguration] = []
    /// The extensions to start, in the order of `service::extensions`.
    public internal(set) var enabledExtensions: [ComponentID] = []
    /// How the collector reports about itself.
    public internal(set) var telemetry = TelemetrySettings()
    /// How long a stop may take.
    public internal(set) var shutdownTimeout: Duration = .seconds(25)
    /// Prints each part of the configuration, by its path, in the order of the file.
    var printers: [(path: [String], tree: @Sendable (SecretVisibility) -> Tree?)] = []

    /// Without any pipeline: what a collector runs that waits for its first configuration.
    public static let idle = CollectorConfiguration()

    /// The whole configuration with every default, as it is in force.
    public func tree(_ secrets: SecretVisibility) -> Tree {
        var sections: [Tree.Entry] = []
        for (path, tree) in printers {
            guard let section = path.first, let value = tree(secrets) else { continue }
            guard path.count == 2 else {
                sections.append(Tree.Entry(section, value))
                continue
            }
            let entry = Tree.Entry(path[1], value)
            if let index = sections.firstIndex(where: { $0.key == section }) {
                sections[index].value.content = .table((sections[index].value.table ?? []) + [entry])
            } else {
                sections.append(Tree.Entry(section, Tree(.table([entry]))))
            }
        }
        return Tree(.table(sections))
    }
}

/// One entry of `service::pipelines`.
public struct PipelineConfiguration: Sendable, Equatable {
    public let id: PipelineID
    /// Receivers, and connectors that feed the pipeline.
    public let receivers: [ComponentID]
    /// Processors in the order data meets them.
    public let processors: [ComponentID]
    /// Exporters, and connectors the pipeline feeds.
    public let exporters: [ComponentID]
}

/// A component whose settings are known, ready to be built.
struct Configured<Instance>: Sendable {
    let type: any Component.Type
    /// The settings with every default and with secrets, to find out whether they have changed.
    let settings: Tree?
    let make: @Sendable (Context) throws(ComponentError) -> Instance
}
