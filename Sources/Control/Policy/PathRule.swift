/// Paths as the local policy sees them.
enum PathRule {
    /// A path without `.`, `..` and repeated slashes; a relative one stays relative.
    ///
    /// Links are not followed: what is a link when the policy looks may be another one when the file is
    /// opened, so directories that others can write to do not belong on a list.
    static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !path.hasPrefix("/") {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// Whether `path` is one of `prefixes` or below one.
    static func matches(_ path: String, _ prefixes: [String]) -> Bool {
        guard !path.utf8.contains(0) else { return false }
        let path = normalised(path)
        return prefixes.contains { prefix in
            let prefix = normalised(prefix)
            return path == prefix || prefix == "/" && path.hasPrefix("/") || path.hasPrefix(prefix + "/")
        }
    }

    static func problem(in paths: [String]) -> String? {
        paths.first { !$0.hasPrefix("/") }.map { "'\($0)' must be an absolute path" }
    }
}
