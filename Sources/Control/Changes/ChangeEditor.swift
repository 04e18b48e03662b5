internal import Pipeline
internal import Settings

/// Makes the raw configuration that a change asks for out of the one that is active.
struct ChangeEditor {
    /// The most parts one transaction may have, those of transactions inside it included.
    static let maximumParts = 1000

    /// How the active configuration is shown to others.
    let shown: (Tree) -> Tree

    init(shown: @escaping (Tree) -> Tree = { $0 }) { self.shown = shown }

    /// The configuration after `change`; throws `.invalid` or `.unknown`, and then nothing of it counts.
    func apply(_ change: ConfigurationChange, to base: Tree) throws(ChangeFailure) -> Tree {
        var parts = 0
        return try apply(change, to: base, &parts)
    }

    private func apply(
        _ change: ConfigurationChange, to base: Tree, _ parts: inout Int
    ) throws(ChangeFailure) -> Tree {
        parts += 1
        guard parts <= Self.maximumParts else {
            throw .invalid([Diagnostic(.error, "a transaction has at most \(Self.maximumParts) parts")])
        }
        switch change {
        case .replace(let tree):
            guard tree.table != nil else { throw Self.noMap(tree) }
            return tree
        case .merge(let patch):
            guard patch.table != nil else { throw Self.noMap(patch) }
            return base.mergePatched(with: patch)
        case .patch(let operations):
            return try patch(base, operations)
        case .component(let kind, let id, let tree):
            return try put(tree, at: [kind.section, "\(id)"], in: base, name: "\(kind.rawValue) '\(id)'")
        case .pipeline(let id, let tree):
            return try put(tree, at: ["service", "pipelines", "\(id)"], in: base, name: "pipeline '\(id)'")
        case .transaction(let changes):
            var tree = base
            for change in changes { tree = try apply(change, to: tree, &parts) }
            return tree
        }
    }

    private func patch(_ base: Tree, _ operations: [PatchOperation]) throws(ChangeFailure) -> Tree {
        guard operations.count <= Self.maximumParts else {
            throw .invalid([Diagnostic(.error, "a patch has at most \(Self.maximumParts) operations")])
        }
        var patched = PatchedTree(base, shown: shown)
        for (index, operation) in operations.enumerated() {
            do throws(PatchedTree.Failure) {
                try patched.apply(operation)
            } catch {
                let message = "operation \(index) of the patch cannot be done: \(error.message)"
                throw .invalid([Diagnostic(at: operation.position, path: error.path, message)])
            }
        }
        guard patched.tree.table != nil else { throw Self.noMap(patched.tree) }
        return patched.tree
    }

    private func put(
        _ tree: Tree?, at path: [String], in base: Tree, name: String
    ) throws(ChangeFailure) -> Tree {
        if let tree { return base.setting(path[...], to: tree) }
        guard let changed = base.removing(path[...]) else { throw .unknown("there is no \(name)") }
        return changed
    }

    private static func noMap(_ tree: Tree) -> ChangeFailure {
        .invalid([
            Diagnostic(at: tree.position, "a configuration must be a map at its top, not \(tree.kind)")
        ])
    }
}

extension PatchOperation {
    /// Where the value of the operation was written, if it has one.
    fileprivate var position: Position? {
        switch self {
        case .add(_, let value), .replace(_, let value), .test(_, let value): value.position
        case .remove, .move, .copy: nil
        }
    }
}
