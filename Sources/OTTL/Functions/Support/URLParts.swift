internal import Wire

/// A URL (RFC 3986) taken apart.
struct URLParts {
    let map: ValueMap

    /// Throws for what is no URL.
    init(_ original: String) throws(EvaluationError) {
        guard !original.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw .message("a URL has no control characters")
        }
        var rest = Substring(original)
        var entries: [ValueMap.Entry] = [Self.entry("url.original", original)]
        let fragment = Self.cut(&rest, at: "#")
        let scheme = try Self.takeScheme(&rest)
        let query = Self.cut(&rest, at: "?")
        var (domain, port, user): (String, Int64?, Substring?) = ("", nil, nil)
        if rest.hasPrefix("//") {
            rest.removeFirst(2)
            var authority = rest.prefix { $0 != "/" }
            rest.removeFirst(authority.count)
            if let at = authority.lastIndex(of: "@") {
                user = authority[..<at]
                authority = authority[authority.index(after: at)...]
            }
            (domain, port) = try Self.host(authority)
        }
        let path = try Self.decoded(rest)
        entries.append(Self.entry("url.scheme", scheme))
        entries.append(Self.entry("url.domain", domain))
        entries.append(Self.entry("url.path", path))
        if let port { entries.append(ValueMap.Entry(Bytes(utf8: "url.port"), .int(port))) }
        if let query, !query.isEmpty { entries.append(Self.entry("url.query", String(query))) }
        if let fragment, !fragment.isEmpty {
            entries.append(Self.entry("url.fragment", try Self.decoded(fragment)))
        }
        if let file = path.split(separator: "/", omittingEmptySubsequences: false).last,
            let dot = file.lastIndex(of: "."), file.index(after: dot) != file.endIndex
        {
            entries.append(Self.entry("url.extension", String(file[file.index(after: dot)...])))
        }
        if let user { entries += try Self.user(user) }
        map = ValueMap(unique: entries)
    }

    private static func entry(_ key: String, _ text: String) -> ValueMap.Entry {
        ValueMap.Entry(Bytes(utf8: key), .text(text))
    }

    /// Takes what follows a mark away; `nil` when the mark is not there.
    private static func cut(_ rest: inout Substring, at mark: Character) -> Substring? {
        guard let index = rest.firstIndex(of: mark) else { return nil }
        defer { rest = rest[..<index] }
        return rest[rest.index(after: index)...]
    }

    private static func takeScheme(_ rest: inout Substring) throws(EvaluationError) -> String {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        guard rest.dropFirst(name.count).first == ":" else { return "" }
        guard let first = name.first else { throw .message("the URL has no scheme before ':'") }
        guard first.isLetter else { return "" }
        rest.removeFirst(name.count + 1)
        return name.lowercased()
    }

    private static func host(_ authority: Substring) throws(EvaluationError) -> (String, Int64?) {
        var (host, portText) = (authority, Substring(""))
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else {
                throw .message("the URL's address lacks its ']'")
            }
            portText = host[host.index(after: end)...]
            host = host[host.index(after: host.startIndex)..<end]
            guard portText.isEmpty || portText.first == ":" else {
                throw .message("the URL's port is not valid")
            }
            portText = portText.dropFirst()
        } else if let colon = host.lastIndex(of: ":") {
            portText = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        if portText.isEmpty { return (try decoded(host), nil) }
        guard let port = UInt16(portText) else {
            throw .message("the URL's port '\(portText.prefix(20))' is not valid")
        }
        return (try decoded(host), Int64(port))
    }

    private static func user(_ text: Substring) throws(EvaluationError) -> [ValueMap.Entry] {
        var entries = [entry("url.user_info", String(text))]
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        entries.append(entry("url.username", try decoded(parts.first ?? "")))
        if parts.count == 2 { entries.append(entry("url.password", try decoded(parts[1]))) }
        return entries
    }

    /// The text without percent escapes.
    private static func decoded(_ text: Substring) throws(EvaluationError) -> String {
        guard let bytes = PercentDecoding.strict(text) else {
            throw .message("the URL has an escape that is not valid")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
