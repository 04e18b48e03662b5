internal import Pipeline
internal import Settings

/// A configuration in otelcol's form, taken apart as far as it goes; what is not well formed is left out.
struct ConfigurationOutline {
    /// One component as it is configured.
    struct Item {
        let kind: ComponentKind
        /// As written, such as `otlp/2`.
        let id: String
        let type: String
        let entry: Tree.Entry
        var path: [String] { [kind.section, id] }
    }

    /// One pipeline with the ids it names; an expression in place of a list leaves it empty and unknown.
    struct Pipeline {
        let id: String
        let entry: Tree.Entry
        var receivers: [String] = []
        var processors: [String] = []
        var exporters: [String] = []
        /// Whether a list is an expression, so that nobody can tell what is in it.
        var isOpen = false
        var path: [String] { ["service", "pipelines", id] }
    }

    let tree: Tree
    private(set) var items: [Item] = []
    private(set) var pipelines: [Pipeline] = []
    /// The ids under `service::extensions`; `nil` when it is an expression.
    private(set) var extensions: [String]? = []

    init(_ tree: Tree) {
        self.tree = tree
        for kind in ComponentKind.allCases {
            for entry in tree[kind.section]?.table ?? [] {
                let type = entry.key.split(separator: "/", maxSplits: 1).first.map(String.init) ?? entry.key
                items.append(Item(kind: kind, id: entry.key, type: type, entry: entry))
            }
        }
        let service = tree["service"]
        if let value = service?["extensions"], !value.isNull {
            extensions = value.list.map { $0.compactMap(\.text) }
        }
        for entry in service?["pipelines"]?.table ?? [] {
            var pipeline = Pipeline(id: entry.key, entry: entry)
            func ids(_ key: String) -> [String] {
                guard let value = entry.value[key], !value.isNull else { return [] }
                guard let list = value.list else {
                    pipeline.isOpen = true
                    return []
                }
                let texts = list.compactMap(\.text)
                if texts.contains(where: TemplateText.hasExpression) { pipeline.isOpen = true }
                return texts
            }
            pipeline.receivers = ids("receivers")
            pipeline.processors = ids("processors")
            pipeline.exporters = ids("exporters")
            pipelines.append(pipeline)
        }
    }

    func items(_ kind: ComponentKind) -> [Item] { items.filter { $0.kind == kind } }

    /// The type in an id such as `batch/small`.
    static func type(of id: String) -> String {
        id.split(separator: "/", maxSplits: 1).first.map(String.init) ?? id
    }
}
