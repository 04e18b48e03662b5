internal import Pipeline
internal import Settings

/// Rules about where connections go and where they come from.
extension LintRule {
    static func insecureTLS(_ subject: Subject) -> [Diagnostic] {
        subject.outline.items.filter { $0.kind != .receiver }.flatMap { item in
            insecure(item.entry.value, path: item.path, isLocal: isLocal(item.entry.value))
        }
    }

    private static func insecure(_ tree: Tree, path: [String], isLocal: Bool) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for entry in tree.table ?? [] {
            let path = path + [entry.key]
            if entry.key == "insecure_skip_verify", entry.value.text == "true" {
                found.append(
                    Diagnostic(
                        .warning, at: entry.value.position, path: path,
                        "the certificate of the server is not checked"))
            } else if entry.key == "insecure", entry.value.text == "true", !isLocal {
                found.append(
                    Diagnostic(
                        .warning, at: entry.value.position, path: path, "the connection is not encrypted"))
            } else if entry.key.hasSuffix("endpoint"), let text = entry.value.text,
                text.hasPrefix("http://"), !isLoopback(text)
            {
                found.append(
                    Diagnostic(
                        .warning, at: entry.value.position, path: path,
                        "the connection is not encrypted; use https://"))
            } else {
                found += insecure(entry.value, path: path, isLocal: isLocal)
            }
        }
        for (index, element) in (tree.list ?? []).enumerated() {
            found += insecure(element, path: path + ["\(index)"], isLocal: isLocal)
        }
        return found
    }

    static func openReceivers(_ subject: Subject) -> [Diagnostic] {
        subject.outline.items(.receiver).flatMap { open($0.entry.value, path: $0.path) }
    }

    private static func open(_ tree: Tree, path: [String]) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for entry in tree.table ?? [] {
            let path = path + [entry.key]
            if entry.key == "endpoint" || entry.key == "listen_address", let text = entry.value.text {
                guard text.hasPrefix("0.0.0.0:") || text.hasPrefix("[::]:") || text.hasPrefix(":") else {
                    continue
                }
                found.append(
                    Diagnostic(
                        .warning, at: entry.value.position, path: path,
                        "listens on all addresses; name the one that is meant"))
            } else {
                found += open(entry.value, path: path)
            }
        }
        return found
    }

    /// Whether a component talks to this machine only, as far as its `endpoint` says.
    private static func isLocal(_ settings: Tree) -> Bool {
        settings["endpoint"]?.text.map(isLoopback) ?? false
    }

    private static func isLoopback(_ endpoint: String) -> Bool {
        if endpoint.hasPrefix("unix:") { return true }
        let rest = endpoint.firstRange(of: "://").map { endpoint[$0.upperBound...] } ?? endpoint[...]
        let authority = rest.prefix { $0 != "/" }
        return authority.hasPrefix("localhost") || authority.hasPrefix("127.")
            || authority.hasPrefix("[::1]")
    }
}
