internal import Pipeline
internal import Settings
internal import Transport

/// Compares a configuration that somebody wants with the local policy.
struct PolicyCheck {
    private static let commonEnds = ["_endpoint", "_url", "_address", "_uri"]
    private static let endpointKeys: Set<String> = [
        "endpoint", "endpoints", "url", "urls", "address", "host", "targets", "brokers", "hosts",
    ]
    private static let pathKeys: Set<String> = [
        "path", "paths", "directory", "directories", "file", "filename", "include", "output_paths",
    ]
    private static let pathEnds = ["_path", "_paths", "_file", "_files", "_directory", "_dir"]
    private static let metadataNames: Set<String> = [
        "metadata", "metadata.google.internal", "metadata.goog", "instance-data",
    ]

    let policy: Policy
    /// Addresses of the admin API and the probes.
    let ownAddresses: [ListenAddress]
    /// What was written elsewhere than here is not looked at; `nil` looks at everything.
    var judged: Set<ConfigurationSource>?

    /// Whether the policy is about what was written at `position`.
    private func isJudged(_ position: Position?) -> Bool {
        guard let judged else { return true }
        return position.map { judged.contains($0.source) } ?? true
    }

    // MARK: - References

    /// What a raw configuration must not refer to; to be looked at before anything is expanded.
    func references(in raw: Tree, active: Tree) -> [Diagnostic] {
        let known = Set(Reference.all(in: active).compactMap { Used($0) })
        return Reference.all(in: raw).compactMap { reference in
            guard isJudged(reference.position), let message = violation(reference, known) else { return nil }
            return Diagnostic(at: reference.position, path: reference.path, message + origin)
        }
    }

    /// A reference without its place.
    private struct Used: Hashable {
        let scheme: String
        let target: String

        init?(_ reference: Reference) {
            guard let target = reference.target else { return nil }
            scheme = reference.scheme
            self.target = target
        }
    }

    private func violation(_ reference: Reference, _ known: Set<Used>) -> String? {
        guard let target = reference.target, let used = Used(reference) else {
            return "a reference must not be put together from others"
        }
        guard !target.contains("$") else { return "a reference must not contain others" }
        if known.contains(used) { return nil }
        guard policy.settings.providers.allow.contains(reference.scheme) else {
            return "the provider '\(reference.scheme)' must not be used"
        }
        switch reference.scheme {
        case "env":
            guard let rules = policy.settings.environment else {
                return "the environment variable '\(target)' must not be read: it is not used already"
            }
            let isAllowed = rules.allow.contains { rule in
                rule.hasSuffix("*") ? target.hasPrefix(rule.dropLast()) : target == rule
            }
            return isAllowed ? nil : "the environment variable '\(target)' must not be read"
        case "file": return path(target)
        case "http", "https": return endpoint("\(reference.scheme):\(target)")
        default: return nil
        }
    }

    // MARK: - Values

    /// What an effective configuration, with every default, must not say.
    ///
    /// - Parameters:
    ///   - effective: The configuration that somebody wants.
    ///   - active: The effective configuration that runs.
    ///   - written: The one that somebody wants as it was read, for the places of messages.
    /// - Returns: One message for each thing that is forbidden.
    func values(in effective: Tree, active: Tree, written: Tree) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for kind in ComponentKind.allCases {
            for entry in effective[kind.section]?.table ?? [] {
                let path = [kind.section, entry.key]
                if active[path] == nil, isJudged(place(path, written)), let message = type(kind, entry.key) {
                    found.append(diagnostic(message, path, written))
                }
                check(entry.value, path, kind, active, written, into: &found)
            }
        }
        if let service = effective["service"] {
            check(service, ["service"], .exporter, active, written, into: &found)
        }
        return found
    }

    private func type(_ kind: ComponentKind, _ id: String) -> String? {
        let rules = policy.settings.components.rules(kind)
        let type = String(id.prefix { $0 != "/" })
        let isAllowed = rules.allow?.contains(type) ?? true
        return isAllowed && !rules.deny.contains(type)
            ? nil : "the \(kind.rawValue) '\(type)' must not be used"
    }

    private func check(
        _ tree: Tree, _ path: [String], _ kind: ComponentKind, _ active: Tree, _ written: Tree,
        into found: inout [Diagnostic]
    ) {
        switch tree.content {
        case .table(let entries):
            for entry in entries {
                check(entry.value, path + [entry.key], kind, active, written, into: &found)
            }
        case .list(let elements):
            for (index, element) in elements.enumerated() {
                check(element, path + ["\(index)"], kind, active, written, into: &found)
            }
        case .scalar(let scalar):
            guard !scalar.isNull, active[path]?.isJSONEqual(to: tree) != true,
                isJudged(place(path, written))
            else { return }
            if let message = value(scalar, path, kind) { found.append(diagnostic(message, path, written)) }
        }
    }

    private func value(_ scalar: Scalar, _ path: [String], _ kind: ComponentKind) -> String? {
        let key = path.last { Int($0) == nil }?.lowercased() ?? ""
        if key == "insecure_skip_verify", scalar.value == .bool(true), !policy.settings.tls.allowsUnverified {
            return "the certificate of the other side must be checked"
        }
        guard case .string(let text) = scalar.value, !text.isEmpty else { return nil }
        if text.contains("://") || text.hasPrefix("unix:") { return endpoint(text) }
        // What a receiver listens on is no place to send to.
        let isListening = kind == .receiver || kind == .extension && key == "endpoint"
        let isEndpoint = Self.endpointKeys.contains(key) || Self.commonEnds.contains(where: key.hasSuffix)
        if isEndpoint, !isListening { return endpoint(text) }
        // What stands in a URL names no file; nor does the usual path of probes.
        let isOfURL = key.hasSuffix("url_path") || kind == .extension && key == "path" && text == "/"
        if !isOfURL,
            Self.pathKeys.contains(key) || Self.pathEnds.contains(where: key.hasSuffix)
        {
            let isStream = key == "output_paths" && ["stdout", "stderr"].contains(text)
            return isStream || text == "stdout" || text == "-" ? nil : self.path(text)
        }
        return nil
    }

    private func endpoint(_ text: String) -> String? {
        guard let place = RemotePlace(text) else { return nil }
        let name = "the endpoint '\(text)'"
        if Self.metadataNames.contains(place.host) || place.address?.isLinkLocal == true {
            return "\(name) must not be used: link-local addresses are never allowed"
        }
        if ownAddresses.contains(where: { isOwn(place, $0) }) {
            return "\(name) must not be used: it is the admin API of this collector"
        }
        let rules = policy.settings.endpoints
        if rules.deny.compactMap({ EndpointRule($0) }).contains(where: { $0.matches(place) }) {
            return "\(name) must not be used"
        }
        guard let allow = rules.allow else { return nil }
        let isAllowed = allow.compactMap { EndpointRule($0) }.contains { $0.matches(place) }
        return isAllowed ? nil : "\(name) must not be used"
    }

    private func isOwn(_ place: RemotePlace, _ address: ListenAddress) -> Bool {
        switch address {
        case .unix(let path): return place.socket == PathRule.normalised(path)
        case .tcp(let host, let port):
            guard place.port == port, place.socket == nil else { return false }
            guard let own = RemotePlace("\(address)"), !host.isEmpty else { return place.isLoopback }
            let isEverywhere = own.address?.bytes.allSatisfy { $0 == 0 } == true
            return place.host == own.host || place.isLoopback && (own.isLoopback || isEverywhere)
                || isEverywhere && place.address != nil
        }
    }

    private func path(_ text: String) -> String? {
        guard let rules = policy.settings.paths else {
            return "the path '\(text)' must not be used: it is not configured already"
        }
        let isAllowed = PathRule.matches(text, rules.allow) && !PathRule.matches(text, rules.deny)
        return isAllowed ? nil : "the path '\(text)' must not be used"
    }

    private func diagnostic(_ message: String, _ path: [String], _ written: Tree) -> Diagnostic {
        Diagnostic(at: place(path, written), path: path, message + origin)
    }

    /// Where a value was written; for a default, where what it belongs to was.
    private func place(_ path: [String], _ written: Tree) -> Position? {
        var shown = path
        while !shown.isEmpty, written[shown] == nil { shown.removeLast() }
        return written[shown]?.position
    }

    private var origin: String {
        policy.file.map { " (local policy \($0))" } ?? " (the local policy; see --policy)"
    }
}
