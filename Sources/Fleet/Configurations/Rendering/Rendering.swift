public import FleetModel
internal import Settings

/// A revision filled in: what an agent gets, but for the secrets.
public struct Rendering: Sendable, Hashable {
    /// The `config_hash`: the SHA-256 of `CanonicalFiles.encode(files)`, in which secrets are still names.
    public let hash: ContentHash
    /// With `${secret:NAME}` as it was written.
    public let files: [ConfigurationFile]
    /// The secrets that the offer is filled in with.
    public let secrets: Set<String>

    init(files: [ConfigurationFile]) {
        self.files = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        hash = CanonicalFiles.hash(files)
        secrets = files.reduce(into: []) { names, file in
            guard file.isStructured, TemplateText.mayHold(file.text ?? ""), let tree = try? file.tree() else {
                return
            }
            names.formUnion(Self.secrets(in: tree))
        }
    }

    /// Reads what is kept under a hash; `nil` when it is no rendering.
    init?(kept bytes: [UInt8]) {
        guard let files = CanonicalFiles.decode(bytes), !files.isEmpty else { return nil }
        self.init(files: files)
    }

    /// Files with variables filled in; those without a placeholder stay byte for byte.
    static func filling(
        _ files: [ConfigurationFile], with values: [String: VariableValue]
    ) throws(InvalidSettings) -> [ConfigurationFile] {
        try filling(files, kind: .variable) { placeholder in
            values[placeholder.name].map { .value($0) }
                ?? .missing("the variable '\(placeholder.name)' has no value", suggestion: nil)
        }
    }

    /// The files as the agent gets them, secrets included; whoever has these must not keep or show them.
    func revealed(_ secret: (String) throws(SecretFailure) -> String) throws(LibraryError)
        -> [ConfigurationFile]
    {
        guard !secrets.isEmpty else { return files }
        var texts: [String: VariableValue] = [:]
        for name in secrets.sorted() {
            do throws(SecretFailure) { texts[name] = .text(try secret(name)) } catch {
                throw .secret(error.description)
            }
        }
        do throws(InvalidSettings) {
            return try Self.filling(files, kind: .secret) { placeholder in
                texts[placeholder.name].map { .value($0) } ?? .leave
            }
        } catch {
            throw .invalid(error.diagnostics.map { ConfigurationFinding(rule: "template", $0) })
        }
    }

    private static func filling(
        _ files: [ConfigurationFile], kind: TemplateText.Placeholder.Kind,
        _ filler: @escaping (TemplateText.Placeholder) -> TemplateFilling.Filler
    ) throws(InvalidSettings) -> [ConfigurationFile] {
        var result: [ConfigurationFile] = []
        for var file in files {
            guard file.isStructured, let text = file.text, text.contains("${\(kind.rawValue):") else {
                result.append(file)
                continue
            }
            var filling = TemplateFilling { $0.kind == kind ? filler($0) : .leave }
            let tree = filling.fill(try file.tree())
            guard filling.diagnostics.isEmpty else { throw InvalidSettings(filling.diagnostics) }
            let isJSON = file.contentType.lowercased().hasPrefix("application/json")
            file.body = Array((isJSON ? tree.json(pretty: true) + "\n" : tree.yaml()).utf8)
            result.append(file)
        }
        return result
    }

    private static func secrets(in tree: Tree) -> Set<String> {
        switch tree.content {
        case .scalar(let scalar):
            guard TemplateText.mayHold(scalar.text) else { return [] }
            return Set(TemplateText(scalar.text).placeholders.filter { $0.kind == .secret }.map(\.name))
        case .list(let elements): return elements.reduce(into: []) { $0.formUnion(secrets(in: $1)) }
        case .table(let entries): return entries.reduce(into: []) { $0.formUnion(secrets(in: $1.value)) }
        }
    }
}
