internal import Compression
internal import Control
internal import Settings
internal import Transport
internal import Wire

/// What the body of a request says.
extension AdminCall {
    /// The most bytes that a body may have, compressed and not.
    static let bodyLimit = 8 << 20

    private static let source = ConfigurationSource(.remote, "body")

    /// The media type; `nil` without one.
    var mediaType: MediaType? { head.fields["content-type"].map { MediaType($0) } }

    /// Checks that the type of the body is one that the route takes.
    func checkMediaType() throws(AdminProblem) {
        guard route.body != .none else { return }
        if body.isEmpty, case .document(isOptional: true) = route.body { return }
        let types = route.body.types
        let type = mediaType
        guard let type, types.contains(type.name), type.isUTF8 else {
            throw AdminProblem(
                415, "media-type", "The type of the body is not possible here",
                "send \(types.joined(separator: " or ")), in UTF-8",
                fields: ["accept": types.joined(separator: ", ")])
        }
    }

    /// The body as JSON or YAML; `nil` when there is none.
    func document() throws(AdminProblem) -> Tree? {
        guard !body.isEmpty else { return nil }
        guard let text = body.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw .badRequest("the body is not UTF-8")
        }
        do throws(InvalidSettings) {
            if let type = mediaType, MediaType.yaml.contains(type.name) {
                return try Tree(yaml: text, source: Self.source)
            }
            return try Tree(json: text, source: Self.source)
        } catch {
            throw .badRequest("the body cannot be read", errors: error.diagnostics)
        }
    }

    /// The body, which has to be there.
    func requiredDocument() throws(AdminProblem) -> Tree {
        guard let tree = try document() else { throw .badRequest("the request needs a body") }
        return tree
    }

    /// The body, which has to be a map.
    func requiredMap() throws(AdminProblem) -> Tree {
        let tree = try requiredDocument()
        guard tree.table != nil else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: tree.position, path: [], "must be a map, not \(tree.kind)")])
        }
        return tree
    }

    /// The fields of a body that is a table of a few known keys.
    func fields(_ known: String...) throws(AdminProblem) -> Tree {
        let tree = try document() ?? .empty
        try tree.check(keys: known)
        return tree
    }

    /// The change that a body with a patch or a whole document asks for.
    func change() throws(AdminProblem) -> ConfigurationChange {
        switch mediaType?.name {
        case MediaType.mergePatch: return .merge(try requiredMap())
        case MediaType.jsonPatch: return .patch(try PatchReader.operations(of: try requiredDocument()))
        default: return .replace(try requiredMap())
        }
    }
}

extension Tree {
    /// Checks that this is a table without keys that nobody would look at.
    func check(keys known: [String], path: [String] = []) throws(AdminProblem) {
        guard let table else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: position, path: path, "must be a map, not \(kind)")])
        }
        let errors = table.filter { !known.contains($0.key) }.map { entry in
            Diagnostic(
                at: entry.keyPosition, path: path + [entry.key], "unknown key '\(entry.key)'",
                suggestion: Spelling.nearest(to: entry.key, among: known))
        }
        guard errors.isEmpty else { throw .invalid("the body has errors", errors: errors) }
    }

    /// The text of a key; `nil` when it is not there.
    func string(_ key: String, path: [String] = []) throws(AdminProblem) -> String? {
        guard let value = self[key], !value.isNull else { return nil }
        guard let scalar = value.scalar, case .string(let text) = scalar.value else {
            throw .invalid(
                "the body has errors",
                errors: [
                    Diagnostic(at: value.position, path: path + [key], "must be text, not \(value.kind)")
                ])
        }
        return text
    }

    /// The text of a key that has to be there.
    func requiredString(_ key: String, path: [String] = []) throws(AdminProblem) -> String {
        guard let text = try string(key, path: path) else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: position, path: path + [key], "'\(key)' is missing")])
        }
        return text
    }

    /// The truth value of a key; `nil` when it is not there.
    func truth(_ key: String) throws(AdminProblem) -> Bool? {
        guard let value = self[key], !value.isNull else { return nil }
        guard case .bool(let flag)? = value.scalar?.value else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: value.position, path: [key], "must be true or false")])
        }
        return flag
    }
}
