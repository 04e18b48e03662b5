/// Reads configuration from several sources, merges it and expands `${…}`, as otelcol does.
///
///     let loaded = await ConfigurationLoader.load(sources: ["base.yaml", "conf.d"], sets: ["service.x=1"])
public enum ConfigurationLoader {
    /// The providers that need nothing from outside.
    public static var standardProviders: [any Provider] {
        [EnvironmentProvider(), FileProvider(), YAMLProvider()]
    }

    /// Loads a configuration.
    ///
    /// - Parameters:
    ///   - sources: Paths of files or directories, or addresses such as `yaml:…` or `https://…`; later
    ///     ones win. Of a directory, all `*.yaml` and `*.yml` files are read in the order of their names.
    ///   - sets: `key.key=value`, or with `::` between the keys so that a key can have dots; these win
    ///     over all sources. The value is read as YAML.
    ///   - providers: What fetches addresses, by scheme; a later one replaces an earlier one of its scheme.
    /// - Returns: The configuration with everything there is to tell; reading never throws.
    public static func load(
        sources: [String], sets: [String] = [], providers: [any Provider] = standardProviders
    ) async -> LoadedConfiguration {
        let raw = await read(sources: sources, sets: sets, providers: providers)
        let expanded = await expand(raw.tree, providers: providers)
        let found = raw.diagnostics + expanded.diagnostics
        return LoadedConfiguration(
            tree: found.hasErrors ? nil : expanded.tree, diagnostics: found,
            texts: raw.texts.merging(expanded.texts) { first, _ in first })
    }

    /// Reads and merges the sources as `load` does, but leaves `${…}` as it is written.
    public static func read(
        sources: [String], sets: [String] = [], providers: [any Provider] = standardProviders
    ) async -> RawConfiguration {
        var loading = Loading(providers: byScheme(providers))
        for source in sources { await loading.add(source: source) }
        for set in sets { loading.add(set: set) }
        return RawConfiguration(
            tree: loading.tree, diagnostics: loading.diagnostics, texts: loading.texts)
    }

    /// Expands `${…}` in a configuration that has been read.
    public static func expand(
        _ raw: Tree, providers: [any Provider] = standardProviders
    ) async -> LoadedConfiguration {
        var expander = Expander(providers: byScheme(providers))
        let expanded = await expander.expand(raw)
        return LoadedConfiguration(
            tree: expander.diagnostics.hasErrors ? nil : expanded, diagnostics: expander.diagnostics,
            texts: expander.texts)
    }

    private static func byScheme(_ providers: [any Provider]) -> [String: any Provider] {
        Dictionary(providers.map { ($0.scheme, $0) }) { _, later in later }
    }
}

/// One run of the loader.
private struct Loading {
    let providers: [String: any Provider]
    var tree = Tree(.table([]))
    var diagnostics: [Diagnostic] = []
    var texts: [ConfigurationSource: String] = [:]

    init(providers: [String: any Provider]) { self.providers = providers }

    mutating func add(source: String) async {
        do {
            for uri in try addresses(of: source) {
                guard let provider = providers[uri.scheme] else {
                    let known = providers.keys.sorted().joined(separator: ", ")
                    throw ProviderError(
                        "cannot load '\(source)': unknown scheme '\(uri.scheme)'; there are \(known)")
                }
                add(try await provider.fetch(uri.opaque))
            }
        } catch let error as ProviderError {
            diagnostics.append(Diagnostic(.error, error.description))
        } catch {
            diagnostics.append(Diagnostic(.error, "cannot load '\(source)': \(error)"))
        }
    }

    private func addresses(of source: String) throws(ProviderError) -> [ConfigurationURI] {
        let uri = ConfigurationURI(source) ?? ConfigurationURI(scheme: "file", opaque: source)
        guard uri.scheme == "file", let files = try FileProvider.configurations(in: uri.opaque) else {
            return [uri]
        }
        guard !files.isEmpty else {
            throw ProviderError("cannot load '\(uri.opaque)': no *.yaml or *.yml file in this directory")
        }
        return files.map { ConfigurationURI(scheme: "file", opaque: $0) }
    }

    private mutating func add(_ fetched: Fetched) {
        texts[fetched.source] = fetched.text
        do {
            let read = try Tree(yaml: fetched.text, source: fetched.source)
            if read.isNull { return }
            guard read.table != nil else {
                diagnostics.append(
                    Diagnostic(
                        at: read.position, "a configuration must be a map at its top, not \(read.kind)"))
                return
            }
            tree = tree.merging(read.unflattened())
        } catch {
            diagnostics += error.diagnostics
        }
    }

    mutating func add(set: String) {
        guard let equals = set.firstIndex(of: "="), equals != set.startIndex else {
            diagnostics.append(Diagnostic(.error, "--set '\(set)' must have the form key.key=value"))
            return
        }
        let key = String(set[..<equals])
        let separator = key.contains("::") ? "::" : "."
        let steps = key.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        guard !steps.contains("") else {
            diagnostics.append(Diagnostic(.error, "--set '\(key)' has an empty key"))
            return
        }
        let source = ConfigurationSource(.option, key)
        do {
            let value = try Tree(yaml: String(set[set.index(after: equals)...]), source: source)
            tree = tree.merging(Tree.nested(steps, value, at: Position(source, line: 1, column: 1)))
        } catch {
            diagnostics += error.diagnostics
        }
    }
}
