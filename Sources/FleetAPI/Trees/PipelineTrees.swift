internal import Fleet
internal import Settings

/// The pipelines of a configuration that an agent has reported, for those who draw them.
enum PipelineTrees {
    /// More pipelines, and more components in a row of one, are not told.
    static let limit = 250

    /// What the files say together, where a later file replaces what an earlier one says of a pipeline.
    ///
    /// Nothing of files that are no YAML or no configuration of a collector.
    static func pipelines(of files: [ConfigurationFile]) -> Tree {
        var found: [(id: String, tree: Tree)] = []
        for file in files {
            guard let text = file.text,
                let document = try? Tree(yaml: text, source: ConfigurationSource(.inline, file.name)),
                let entries = document[["service", "pipelines"]]?.table
            else { continue }
            for entry in entries {
                let tree = pipeline(entry.key, entry.value)
                if let index = found.firstIndex(where: { $0.id == entry.key }) {
                    found[index].tree = tree
                } else if found.count < limit {
                    found.append((entry.key, tree))
                }
            }
        }
        return .list(found.map(\.tree))
    }

    private static func pipeline(_ id: String, _ value: Tree) -> Tree {
        func ids(_ key: String) -> Tree {
            Trees.texts((value[key]?.list ?? []).prefix(limit).compactMap(\.text))
        }
        return .table([
            "id": .text(id), "signal": .text(String(id.prefix { $0 != "/" })), "receivers": ids("receivers"),
            "processors": ids("processors"), "exporters": ids("exporters"),
        ])
    }
}
