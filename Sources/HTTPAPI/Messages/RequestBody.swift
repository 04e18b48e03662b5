public import Settings
internal import Transport
internal import Wire

/// What the body of a request says.
extension APICall {
    /// The media type; `nil` without one.
    public var mediaType: MediaType? { head.fields["content-type"].map { MediaType($0) } }

    /// Checks that the type of the body is one that the route takes.
    func checkMediaType() throws(APIProblem) {
        guard route.body != .none else { return }
        if body.isEmpty, case .document(isOptional: true) = route.body { return }
        let types = route.body.types
        let type = mediaType
        guard let type, types.contains(type.name), type.isUTF8 else {
            throw APIProblem(
                415, "media-type", "The type of the body is not possible here",
                "send \(types.joined(separator: " or ")), in UTF-8",
                fields: ["accept": types.joined(separator: ", ")])
        }
    }

    /// The body as JSON or YAML; `nil` when there is none.
    public func document() throws(APIProblem) -> Tree? {
        guard !body.isEmpty else { return nil }
        guard let text = body.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw .badRequest("the body is not UTF-8")
        }
        do throws(InvalidSettings) {
            if let type = mediaType, MediaType.yaml.contains(type.name) {
                return try Tree(yaml: text, source: ConfigurationSource(.remote, "body"))
            }
            return try Tree(json: text, source: ConfigurationSource(.remote, "body"))
        } catch {
            throw .badRequest("the body cannot be read", errors: error.diagnostics)
        }
    }

    /// The body, which has to be there.
    public func requiredDocument() throws(APIProblem) -> Tree {
        guard let tree = try document() else { throw .badRequest("the request needs a body") }
        return tree
    }

    /// The body, which has to be a map.
    public func requiredMap() throws(APIProblem) -> Tree {
        let tree = try requiredDocument()
        guard tree.table != nil else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: tree.position, path: [], "must be a map, not \(tree.kind)")])
        }
        return tree
    }

    /// The fields of a body that is a table of a few known keys.
    public func fields(_ known: String...) throws(APIProblem) -> Tree {
        let tree = try document() ?? .empty
        try tree.check(keys: known)
        return tree
    }
}

extension Tree {
    /// Checks that this is a table without keys that nobody would look at.
    public func check(keys known: [String], path: [String] = []) throws(APIProblem) {
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
    public func string(_ key: String, path: [String] = []) throws(APIProblem) -> String? {
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
    public func requiredString(_ key: String, path: [String] = []) throws(APIProblem) -> String {
        guard let text = try string(key, path: path) else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: position, path: path + [key], "'\(key)' is missing")])
        }
        return text
    }

    /// The truth value of a key; `nil` when it is not there.
    public func truth(_ key: String) throws(APIProblem) -> Bool? {
        guard let value = self[key], !value.isNull else { return nil }
        guard case .bool(let flag)? = value.scalar?.value else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(at: value.position, path: [key], "must be true or false")])
        }
        return flag
    }
}

extension APICall {
    /// The body as settings, with every mistake at its place; their defaults without a body.
    public func settings<Group: SettingGroup>(_ type: Group.Type) throws(APIProblem) -> Group {
        let decoded = Group.decode(try document() ?? .empty)
        guard let value = decoded.value else {
            throw .invalid("the body has errors", errors: decoded.diagnostics)
        }
        return value
    }
}
