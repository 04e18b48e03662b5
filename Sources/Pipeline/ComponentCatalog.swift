/// The components a distribution consists of: explicit lists, so that a reader can find what is there.
public struct ComponentCatalog: Sendable {
    public var receivers: [any Receiver.Type]
    public var processors: [any Holder.Type]
    public var exporters: [any Exporter.Type]
    public var connectors: [any Connector.Type]
    public var extensions: [any Extension.Type]

    public init(
        receivers: [any Receiver.Type] = [], processors: [any Holder.Type] = [],
        exporters: [any Exporter.Type] = [], connectors: [any Connector.Type] = [],
        extensions: [any Extension.Type] = []
    ) {
        self.receivers = receivers
        self.processors = processors
        self.exporters = exporters
        self.connectors = connectors
        self.extensions = extensions
    }

    /// The components of one kind.
    public func types(of kind: ComponentKind) -> [any Component.Type] {
        switch kind {
        case .receiver: receivers
        case .processor: processors
        case .exporter: exporters
        case .connector: connectors
        case .extension: extensions
        }
    }

    /// The component of `kind` that is written `name`, by its name or one of its aliases.
    public func type(of kind: ComponentKind, named name: String) -> (any Component.Type)? {
        types(of: kind).first { $0.name == name || $0.aliases.contains(name) }
    }
}
