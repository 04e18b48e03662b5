internal import Settings

/// A tree on which the operations of a JSON patch (RFC 6902) are done one after the other.
struct PatchedTree {
    /// Why an operation cannot be done; nothing of the patch counts then.
    struct Failure: Error, Equatable {
        let path: [String]
        let message: String
    }

    private(set) var tree: Tree
    /// How values are shown to whoever sends the patch, so that `test` may use what was seen.
    let shown: (Tree) -> Tree

    init(_ tree: Tree, shown: @escaping (Tree) -> Tree = { $0 }) {
        self.tree = tree
        self.shown = shown
    }

    mutating func apply(_ operation: PatchOperation) throws(Failure) {
        switch operation {
        case .add(let path, let value):
            tree = try Self.insert(value, at: path[...], in: tree, whole: path)
        case .remove(let path):
            tree = try Self.remove(path[...], from: tree, whole: path)
        case .replace(let path, let value):
            _ = try found(path)
            tree = try Self.replace(path[...], with: value, in: tree, whole: path)
        case .move(let from, let path):
            guard !(path.count > from.count && path.starts(with: from)) else {
                throw Failure(path: path, message: "a value cannot be moved into itself")
            }
            let value = try found(from)
            tree = try Self.remove(from[...], from: tree, whole: from)
            tree = try Self.insert(value, at: path[...], in: tree, whole: path)
        case .copy(let from, let path):
            tree = try Self.insert(try found(from), at: path[...], in: tree, whole: path)
        case .test(let path, let value):
            let isEqual = try found(path).isJSONEqual(to: value)
            guard isEqual || shown(tree)[path]?.isJSONEqual(to: value) == true else {
                throw Failure(path: path, message: "the test failed: the value is another one")
            }
        }
    }

    private func found(_ path: [String]) throws(Failure) -> Tree {
        guard path.count != 0 else { return tree }
        guard let value = tree[path], Self.areIndices(path, in: tree) else {
            throw Failure(path: path, message: "there is nothing here")
        }
        return value
    }

    /// JSON Pointers write indices without signs and zeros in front.
    private static func areIndices(_ path: [String], in tree: Tree) -> Bool {
        var node = tree
        for step in path {
            if node.list != nil, index(step, count: node.list?.count ?? 0) == nil { return false }
            guard let next = node[[step]] else { return false }
            node = next
        }
        return true
    }

    private static func index(_ text: String, count: Int) -> Int? {
        guard let index = Int(text), String(index) == text, index >= 0, index <= count else { return nil }
        return index
    }

    private static func insert(
        _ value: Tree, at path: ArraySlice<String>, in tree: Tree, whole: [String]
    ) throws(Failure) -> Tree {
        guard let step = path.first else { return value }
        if path.count > 1 {
            return try descend(step, in: tree, whole: whole) { (below) throws(Failure) in
                try insert(value, at: path.dropFirst(), in: below, whole: whole)
            }
        }
        switch tree.content {
        case .table: return tree.setting(step, to: value)
        case .list(var elements):
            guard let place = step == "-" ? elements.count : index(step, count: elements.count) else {
                throw Failure(path: whole, message: "'\(step)' is no index of this list")
            }
            elements.insert(value, at: place)
            return Tree(.list(elements), at: tree.position)
        case .scalar:
            // A section that is written without content is a table for whoever adds to it.
            guard tree.isNull else { throw Failure(path: whole, message: "nothing can be added to a value") }
            return Tree(.table([]), at: tree.position).setting(step, to: value)
        }
    }

    private static func remove(
        _ path: ArraySlice<String>, from tree: Tree, whole: [String]
    ) throws(Failure) -> Tree {
        guard let step = path.first else {
            throw Failure(path: whole, message: "the whole document cannot be removed")
        }
        if path.count > 1 {
            return try descend(step, in: tree, whole: whole) { (below) throws(Failure) in
                try remove(path.dropFirst(), from: below, whole: whole)
            }
        }
        if var elements = tree.list, let place = index(step, count: elements.count - 1) {
            elements.remove(at: place)
            return Tree(.list(elements), at: tree.position)
        }
        guard tree[step] != nil else { throw Failure(path: whole, message: "there is nothing here") }
        return tree.removing(step)
    }

    private static func replace(
        _ path: ArraySlice<String>, with value: Tree, in tree: Tree, whole: [String]
    ) throws(Failure) -> Tree {
        guard let step = path.first else { return value }
        return try descend(step, in: tree, whole: whole) { (below) throws(Failure) in
            try replace(path.dropFirst(), with: value, in: below, whole: whole)
        }
    }

    private static func descend(
        _ step: String, in tree: Tree, whole: [String], _ change: (Tree) throws(Failure) -> Tree
    ) throws(Failure) -> Tree {
        if var elements = tree.list, let place = index(step, count: elements.count - 1) {
            elements[place] = try change(elements[place])
            return Tree(.list(elements), at: tree.position)
        }
        guard let below = tree[step] else {
            throw Failure(path: whole, message: "there is no '\(step)' on the way to it")
        }
        return tree.setting(step, to: try change(below))
    }
}
