internal import Pipeline
internal import Settings

/// The documents of a remote configuration, read and put together.
struct RemoteDocuments: Sendable {
    /// The types of content that are understood; empty counts as YAML.
    private static let types: Set<String> = [
        "", "text/yaml", "text/x-yaml", "application/yaml", "application/x-yaml", "application/json",
    ]
    /// The most bytes of all documents together.
    static let maximumBytes = 1 << 20
    /// Names the document when there is only one and it has no name.
    static let namelessName = "remote"

    /// Merged, the later one over the earlier one, `${…}` as it is written; `nil` when there is none.
    let tree: Tree?
    /// Where its values were written.
    let sources: Set<ConfigurationSource>

    /// Reads documents; throws everything that is wrong with their text.
    init(_ files: [RemoteFile]) async throws(ChangeFailure) {
        let size = files.reduce(0) { $0 + $1.body.count }
        guard size <= Self.maximumBytes else {
            throw .invalid([
                Diagnostic(.error, "the documents have \(size) bytes; at most \(Self.maximumBytes) are taken")
            ])
        }
        var faults: [Diagnostic] = []
        var texts: [String: String] = [:]
        for file in files {
            let name = Self.name(of: file)
            let place = Position(ConfigurationSource(.remote, name), line: 1, column: 1)
            // Parameters such as a charset say nothing new: the text must be UTF-8.
            let type = file.contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
            if !Self.types.contains(type) {
                faults.append(
                    Diagnostic(
                        at: place, "content of the type '\(type.prefix(80))' is not understood; send YAML"))
            }
            guard let text = String(validating: file.body, as: UTF8.self) else {
                faults.append(Diagnostic(at: place, "the text is not UTF-8"))
                continue
            }
            if texts.updateValue(text, forKey: name) != nil {
                faults.append(Diagnostic(at: place, "two documents have the name '\(name.prefix(80))'"))
            }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        let provider = RemoteProvider(texts: texts)
        let read = await ConfigurationLoader.read(
            sources: files.map { "\(provider.scheme):\(Self.name(of: $0))" }, providers: [provider])
        guard !read.diagnostics.hasErrors else { throw .invalid(read.diagnostics) }
        sources = Set(files.map { ConfigurationSource(.remote, Self.name(of: $0)) })
        tree = files.isEmpty ? nil : read.tree
    }

    private static func name(of file: RemoteFile) -> String { file.name.isEmpty ? namelessName : file.name }

    /// The documents over what a collector's own sources say.
    ///
    /// As otelcol merges, but `service::extensions` has the entries of both: who manages the collector from
    /// far away cannot cut its own way to it by naming the extensions it needs.
    func merged(over base: Tree) -> Tree { tree.map { Self.merge($0, over: base) } ?? base }

    static func merge(_ upper: Tree, over base: Tree) -> Tree {
        let path = ["service", "extensions"]
        let merged = base.merging(upper)
        guard let local = base[path]?.list, merged["service"]?.table != nil else { return merged }
        let remote = upper[path]?.list ?? []
        let known = Set(local.compactMap(\.text))
        let added = remote.filter { $0.text.map(known.contains) != true }
        let all = Tree(.list(local + added), at: upper[path]?.position ?? base[path]?.position ?? .builtIn)
        return merged.setting(path[...], to: all)
    }

    /// What the documents must not say about the extension that brought them: what it accepts is for the
    /// collector's own sources to say.
    func trespasses(on carrier: ComponentID) -> [Diagnostic] {
        (tree?[ComponentKind.extension.section]?.table ?? []).compactMap { entry in
            guard ComponentID(parsing: entry.key)?.type == carrier.type,
                let capabilities = entry.value.table?.first(where: { $0.key == "capabilities" })
            else { return nil }
            return Diagnostic(
                at: capabilities.keyPosition,
                path: [ComponentKind.extension.section, entry.key, capabilities.key],
                "what may be changed from elsewhere is set in the collector's own sources only")
        }
    }
}

/// Gives texts by name.
private struct RemoteProvider: Provider {
    let scheme = "remote"
    let texts: [String: String]

    func fetch(_ opaque: String) async throws(ProviderError) -> Fetched {
        guard let text = texts[opaque] else { throw ProviderError("there is no document '\(opaque)'") }
        return Fetched(text, from: ConfigurationSource(.remote, opaque), nature: .configuration)
    }
}
