internal import Prometheus
internal import Settings

/// Reads lists of targets, as files and servers give them: `[{targets: [host:port], labels: {name: value}}]`.
enum TargetList {
    /// Why a list cannot be used; names the place.
    struct Failure: Error, Sendable, Equatable {
        let reason: String
    }

    /// The groups of a text, JSON or YAML, each with `labels` beside its own.
    ///
    /// Messages call the text `name`, and groups are told by it and their place in the list.
    static func read(
        _ text: String, isJSON: Bool, name: String, labels: LabelSet
    ) throws(Failure) -> [TargetGroup] {
        let tree: Tree
        do throws(InvalidSettings) {
            let source = ConfigurationSource(.file, name)
            tree = isJSON ? try Tree(json: text, source: source) : try Tree(yaml: text, source: source)
        } catch {
            throw Failure(reason: error.diagnostics.first?.description ?? "it cannot be read")
        }
        if tree.isNull { return [] }
        guard let elements = tree.list else { throw Failure(reason: "\(name) has \(tree.kind), not a list") }
        var groups: [TargetGroup] = []
        for (index, element) in elements.enumerated() {
            groups.append(try group(element, source: "\(name):\(index)", labels: labels))
        }
        return groups
    }

    private static func group(
        _ tree: Tree, source: String, labels: LabelSet
    ) throws(Failure) -> TargetGroup {
        guard let entries = tree.table else { throw Failure(reason: "\(source) is \(tree.kind), not a map") }
        var group = TargetGroup(source: source)
        for entry in entries where !entry.value.isNull {
            switch entry.key {
            case "targets":
                guard let targets = entry.value.list?.map(\.text), !targets.contains(nil) else {
                    throw Failure(reason: "targets of \(source) is not a list of texts")
                }
                group.targets = targets.map { [LabelNames.address: $0 ?? ""] }
            case "labels":
                guard let pairs = entry.value.table, pairs.allSatisfy({ $0.value.text != nil }) else {
                    throw Failure(reason: "labels of \(source) is not a map of texts")
                }
                for pair in pairs { group.labels[pair.key] = pair.value.text ?? "" }
            default: throw Failure(reason: "\(source) has an unknown key '\(entry.key)'")
            }
        }
        for label in labels.labels { group.labels[label.name] = label.value }
        return group
    }
}
