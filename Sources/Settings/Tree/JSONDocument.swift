/// Reads one JSON text (RFC 8259), strictly: no comments, no trailing commas, no NaN, no second document.
struct JSONDocument {
    private var scanner: JSONScanner
    private let source: ConfigurationSource
    private var duplicates: [Diagnostic] = []
    private var nodes = 0

    /// Keys that are reported when they appear twice.
    private static let reportedDuplicates = 50

    init(_ bytes: [UInt8], source: ConfigurationSource) {
        scanner = JSONScanner(bytes)
        self.source = source
    }

    mutating func read() throws(InvalidSettings) -> Tree {
        let tree: Tree
        do throws(JSONScanner.Fault) {
            tree = try whole()
        } catch {
            let position = Position(source, error.place)
            throw InvalidSettings(duplicates + [Diagnostic(at: position, "is not JSON: \(error.message)")])
        }
        guard duplicates.isEmpty else { throw InvalidSettings(duplicates) }
        return tree
    }

    private mutating func whole() throws(JSONScanner.Fault) -> Tree {
        scanner.skipSpace()
        let tree = try value(depth: 0)
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw scanner.fault("has something after the end of the value") }
        return tree
    }

    private mutating func value(depth: Int) throws(JSONScanner.Fault) -> Tree {
        nodes += 1
        guard depth <= Tree.maximumDepth else {
            throw scanner.fault("is nested more than \(Tree.maximumDepth) deep")
        }
        guard nodes <= Tree.maximumNodes else {
            throw scanner.fault("has more than \(Tree.maximumNodes) values")
        }
        let position = Position(source, scanner.place)
        guard let next = scanner.next else { throw scanner.unexpected() }
        switch next {
        case UInt8(ascii: "{"): return Tree(.table(try entries(depth: depth)), at: position)
        case UInt8(ascii: "["): return Tree(.list(try elements(depth: depth)), at: position)
        case UInt8(ascii: "\""):
            return Tree(.scalar(Scalar(try scanner.string(), style: .quoted)), at: position)
        case UInt8(ascii: "t"): return try word("true", at: position)
        case UInt8(ascii: "f"): return try word("false", at: position)
        case UInt8(ascii: "n"): return try word("null", at: position)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return Tree(.scalar(Scalar(try scanner.number())), at: position)
        default: throw scanner.unexpected()
        }
    }

    private mutating func word(_ word: String, at position: Position) throws(JSONScanner.Fault) -> Tree {
        try scanner.word(word)
        return Tree(.scalar(Scalar(word)), at: position)
    }

    private mutating func elements(depth: Int) throws(JSONScanner.Fault) -> [Tree] {
        var elements: [Tree] = []
        _ = scanner.take(UInt8(ascii: "["))
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "]")) { return [] }
        while true {
            scanner.skipSpace()
            elements.append(try value(depth: depth + 1))
            scanner.skipSpace()
            if scanner.take(UInt8(ascii: "]")) { return elements }
            guard scanner.take(UInt8(ascii: ",")) else { throw scanner.unexpected("',' or ']'") }
        }
    }

    private mutating func entries(depth: Int) throws(JSONScanner.Fault) -> [Tree.Entry] {
        var entries: [Tree.Entry] = []
        var known: [String: TextPlace] = [:]
        _ = scanner.take(UInt8(ascii: "{"))
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "}")) { return [] }
        while true {
            scanner.skipSpace()
            let place = scanner.place
            let key = try scanner.string()
            scanner.skipSpace()
            guard scanner.take(UInt8(ascii: ":")) else { throw scanner.unexpected("':'") }
            scanner.skipSpace()
            let value = try value(depth: depth + 1)
            if let first = known[key] {
                noteDuplicate(key, at: place, first: first)
            } else {
                known[key] = place
                entries.append(Tree.Entry(key, at: Position(source, place), value))
            }
            scanner.skipSpace()
            if scanner.take(UInt8(ascii: "}")) { return entries }
            guard scanner.take(UInt8(ascii: ",")) else { throw scanner.unexpected("',' or '}'") }
        }
    }

    private mutating func noteDuplicate(_ key: String, at place: TextPlace, first: TextPlace) {
        guard duplicates.count < Self.reportedDuplicates else { return }
        duplicates.append(
            Diagnostic(
                at: Position(source, place),
                "key '\(key)' appears twice; it was first written in line \(first.line), "
                    + "column \(first.column)"
            ))
    }
}
