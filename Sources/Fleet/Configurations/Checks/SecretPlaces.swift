internal import Settings

/// Where configurations have secrets, and what may be written there.
enum SecretPlaces {
    /// Whether a value says where a secret is and nothing about it: only an expression such as `${env:NAME}`,
    /// `${file:PATH}` or `${secret:NAME}`, perhaps behind a scheme such as `Bearer`.
    ///
    /// A default behind `:-` is a secret that is written down, and so is the value of a variable.
    static func isReference(_ text: String) -> Bool {
        var rest = text[...]
        if let open = rest.firstRange(of: "${"), open.lowerBound != rest.startIndex {
            let scheme = rest[..<open.lowerBound]
            guard ["bearer ", "basic ", "apikey ", "token "].contains(scheme.lowercased()) else {
                return false
            }
            rest = rest[open.lowerBound...]
        }
        guard rest.hasPrefix("${"), rest.hasSuffix("}"), !text.hasPrefix("$${") else { return false }
        let inner = rest.dropFirst(2).dropLast()
        return !inner.contains("}") && !inner.contains(":-") && !inner.hasPrefix("var:")
            && !inner.contains("$")
    }

    /// Whether text is an address with a password in it: `scheme://user:password@host`.
    static func hasPassword(_ text: String) -> Bool {
        guard let scheme = text.firstRange(of: "://") else { return false }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return false }
        let user = authority[..<at]
        guard let colon = user.firstIndex(of: ":") else { return false }
        let password = String(user[user.index(after: colon)...])
        return !password.isEmpty && !isReference(password)
    }

    /// The paths of plaintext at places of secrets, in the order of the tree.
    ///
    /// - Parameters:
    ///   - tree: a configuration.
    ///   - isSecret: says of a path whether a schema calls it a secret; `nil` when none knows it.
    /// - Returns: Where it is.
    static func plaintext(in tree: Tree, isSecret: ([String]) -> Bool? = { _ in nil }) -> [Found] {
        var found: [Found] = []
        search(tree, path: [], isSecret, &found)
        return found
    }

    /// Plaintext at the place of a secret.
    struct Found: Equatable {
        let path: [String]
        let position: Position
        /// Whether it is the value of a template variable.
        let isVariable: Bool
    }

    private static func search(
        _ tree: Tree, path: [String], _ isSecret: ([String]) -> Bool?, _ found: inout [Found]
    ) {
        switch tree.content {
        case .table(let entries):
            for entry in entries { search(entry.value, path: path + [entry.key], isSecret, &found) }
        case .list(let elements):
            for (index, element) in elements.enumerated() {
                search(element, path: path + ["\(index)"], isSecret, &found)
            }
        case .scalar(let scalar):
            guard isPlaintext(scalar, path: path, isSecret: isSecret) else { return }
            found.append(
                Found(
                    path: path, position: tree.position,
                    isVariable: TemplateText(scalar.text).placeholders.contains { $0.kind == .variable }))
        }
    }

    private static func isPlaintext(
        _ scalar: Scalar, path: [String], isSecret: ([String]) -> Bool?
    ) -> Bool {
        guard !scalar.isNull, !scalar.text.isEmpty, !isReference(scalar.text) else { return false }
        // What is secret is text: `token_count: 5` and `use_token: true` are not.
        guard case .string = scalar.value else { return isSecret(path) == true }
        if let known = isSecret(path) { return known }
        let key = path.last { Int($0) == nil } ?? ""
        return SecretNames.isSecret(key) || hasPassword(scalar.text)
    }

    /// A value with its plaintext secrets as `***` and a fingerprint.
    static func hiding(_ tree: Tree, at path: [String]) -> Tree {
        var result = tree
        switch tree.content {
        case .table(let entries):
            result.content = .table(
                entries.map { Tree.Entry($0.key, at: $0.keyPosition, hiding($0.value, at: path + [$0.key])) })
        case .list(let elements):
            result.content = .list(
                elements.enumerated().map { hiding($0.element, at: path + ["\($0.offset)"]) })
        case .scalar(let scalar):
            guard isPlaintext(scalar, path: path, isSecret: { _ in nil }) else { return tree }
            result = Tree(
                .scalar(Scalar(Secret(scalar.text).description, style: .quoted)), at: tree.position)
        }
        return result
    }
}
