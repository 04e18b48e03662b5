internal import Control
internal import HTTPAPI
internal import Settings

/// Reads the operations of a JSON Patch (RFC 6902).
enum PatchReader {
    static let operationLimit = 10_000

    /// The operations; each key is checked, and keys that an operation does not have are ignored, as the RFC
    /// asks.
    static func operations(of tree: Tree, path: [String] = []) throws(APIProblem) -> [PatchOperation] {
        guard let elements = tree.list else {
            throw invalid(tree, path, "a JSON Patch is a list of operations")
        }
        guard elements.count <= operationLimit else {
            throw invalid(tree, path, "a patch has at most \(operationLimit) operations")
        }
        var operations: [PatchOperation] = []
        for (index, element) in elements.enumerated() {
            operations.append(try operation(element, path + ["\(index)"]))
        }
        return operations
    }

    private static func operation(_ tree: Tree, _ path: [String]) throws(APIProblem) -> PatchOperation {
        guard tree.table != nil else { throw invalid(tree, path, "an operation is a map") }
        let name = try tree.requiredString("op", path: path)
        let target = try pointer("path", tree, path)
        switch name {
        case "add": return .add(path: target, try value(tree, path))
        case "replace": return .replace(path: target, try value(tree, path))
        case "test": return .test(path: target, try value(tree, path))
        case "remove": return .remove(path: target)
        case "move": return .move(from: try pointer("from", tree, path), path: target)
        case "copy": return .copy(from: try pointer("from", tree, path), path: target)
        default:
            throw invalid(tree, path + ["op"], "'\(name)' is none of add, remove, replace, move, copy, test")
        }
    }

    private static func pointer(_ key: String, _ tree: Tree, _ path: [String]) throws(APIProblem)
        -> [String]
    {
        let text = try tree.requiredString(key, path: path)
        guard let pointer = JSONPointer.path(of: text) else {
            throw invalid(tree, path + [key], "'\(text)' is not a JSON Pointer, which begins with /")
        }
        return pointer
    }

    private static func value(_ tree: Tree, _ path: [String]) throws(APIProblem) -> Tree {
        guard let value = tree["value"] else { throw invalid(tree, path, "'value' is missing") }
        return value
    }

    private static func invalid(_ tree: Tree, _ path: [String], _ message: String) -> APIProblem {
        .invalid("the patch has errors", errors: [Diagnostic(at: tree.position, path: path, message)])
    }
}

extension PatchOperation {
    /// The same operation on something that stands deeper in a document.
    func moved(below prefix: [String]) -> PatchOperation {
        switch self {
        case .add(let path, let value): .add(path: prefix + path, value)
        case .remove(let path): .remove(path: prefix + path)
        case .replace(let path, let value): .replace(path: prefix + path, value)
        case .move(let from, let path): .move(from: prefix + from, path: prefix + path)
        case .copy(let from, let path): .copy(from: prefix + from, path: prefix + path)
        case .test(let path, let value): .test(path: prefix + path, value)
        }
    }
}
