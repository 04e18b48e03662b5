extension SettingGroup {
    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        var result = existing ?? Self()
        if tree.isNull { return result }
        guard let entries = tree.table else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        let present = readEntries(entries, into: &result, with: &reader)
        for field in allFields where field.isRequired && !present.contains(field.name) {
            reader.error("missing required key '\(field.name)'", at: reader.keyPosition ?? tree.position)
        }
        report(result.problems(), in: tree, to: &reader)
        return result
    }

    /// Returns the names of the fields that were written with a value.
    private static func readEntries(
        _ entries: [Tree.Entry], into result: inout Self, with reader: inout SettingReader
    ) -> Set<String> {
        let fields = allFields
        var present: Set<String> = []
        var written: [String: String] = [:]
        for entry in entries {
            guard let field = fields.first(where: { $0.name == entry.key || $0.aliases.contains(entry.key) })
            else {
                let known = fields.filter(\.isSupported).flatMap { [$0.name] + $0.aliases }
                // It may be the misspelt key of a secret.
                if schema.hasSecrets { reader.noteSecrets(in: entry.value) }
                reader.unknownKey(entry, among: known)
                continue
            }
            reader.within(entry.key, keyPosition: entry.keyPosition) { reader in
                if let other = written.updateValue(entry.key, forKey: field.name) {
                    reader.error("is the same key as '\(other)'; write one of them", at: entry.keyPosition)
                    return
                }
                if !entry.value.isNull { present.insert(field.name) }
                field.read(entry, into: &result, with: &reader)
            }
        }
        return present
    }

    /// Finds the place of each problem.
    ///
    /// Checks of the whole section see defaults in place of what could not be read, so they say nothing
    /// when one of its own keys has an error.
    private static func report(_ problems: [Problem], in tree: Tree, to reader: inout SettingReader) {
        for problem in problems where problem.severity != .error || !reader.hasErrorHere {
            let steps = problem.steps
            if problem.severity == .error, reader.hasError(under: reader.path + steps) { continue }
            let place =
                problem.position ?? tree[steps]?.position ?? reader.keyPosition ?? tree.position
            reader.report(
                Diagnostic(
                    problem.severity, at: place, path: reader.path + steps, problem.message,
                    suggestion: problem.suggestion))
        }
    }
}

extension Problem {
    /// `tls::cert_file` and `tls.cert_file` as keys.
    fileprivate var steps: [String] {
        field.replacing("::", with: ".").split(separator: ".").map(String.init)
    }
}

extension Field {
    /// Whether using the key is possible.
    var isSupported: Bool {
        if case .unsupported = role { false } else { true }
    }

    fileprivate func read(_ entry: Tree.Entry, into root: inout Root, with reader: inout SettingReader) {
        if entry.key != name {
            reader.warning("'\(entry.key)' is an old name; use '\(name)'", at: entry.keyPosition)
        }
        if let deprecation { reader.warning("is deprecated: \(deprecation)", at: entry.keyPosition) }
        switch role {
        case .value(let access): access.read(&root, entry.value, &reader)
        case .unsupported(let reason):
            if Root.schema.hasSecrets { reader.noteSecrets(in: entry.value) }
            reader.error("is not supported: \(reason)", at: entry.keyPosition)
        case .embedded: break
        }
    }
}
