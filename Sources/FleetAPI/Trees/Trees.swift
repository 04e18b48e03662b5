internal import Fleet
internal import HTTPAPI
internal import Pipeline
internal import Settings

/// What documents of the API have in common.
enum Trees {
    static func time(_ nanoseconds: UInt64) -> Tree {
        .text(CalendarTime(unixNanoseconds: nanoseconds).rfc3339)
    }

    /// A table of texts, sorted by their keys.
    static func map(_ texts: [String: String]) -> Tree {
        Tree(.table(texts.sorted { $0.key < $1.key }.map { Tree.Entry($0.key, .text($0.value)) }))
    }

    static func texts(_ texts: some Sequence<String>) -> Tree { .list(texts.map { .text($0) }) }

    static func files(_ files: [ConfigurationFile]) -> Tree { .list(files.map(file)) }

    private static func file(_ file: ConfigurationFile) -> Tree {
        var entries: [Tree.Entry] = [
            .init("name", .text(file.name)), .init("type", .text(file.contentType)),
        ]
        if !file.role.isEmpty { entries.append(.init("role", .text(file.role))) }
        let body = file.text ?? "(binary, \(file.body.count) bytes)"
        entries.append(.init("body", .text(body)))
        return Tree(.table(entries))
    }

    static func differences(_ differences: [SemanticDifference]) -> Tree {
        .list(
            differences.map { difference in
                var entries: [Tree.Entry] = [.init("pointer", .text(JSONPointer.text(of: difference.path)))]
                if let before = difference.before { entries.append(.init("before", before)) }
                if let after = difference.after { entries.append(.init("after", after)) }
                return Tree(.table(entries))
            })
    }

    static func findings(_ findings: [ConfigurationFinding]) -> Tree {
        .list(findings.prefix(APIProblem.errorLimit).map(\.tree))
    }
}

extension [Tree.Entry] {
    /// Adds a text unless it says nothing.
    mutating func add(_ key: String, _ text: String?) {
        if let text, !text.isEmpty { append(Tree.Entry(key, .text(text))) }
    }

    /// Adds a time in nanoseconds since 1970 unless it is not known.
    mutating func add(_ key: String, time: UInt64?) {
        if let time, time > 0 { append(Tree.Entry(key, Trees.time(time))) }
    }
}
