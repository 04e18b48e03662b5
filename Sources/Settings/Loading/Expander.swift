/// Replaces `${…}` in the values of a tree.
///
/// A value that is one expression gets the type its text has as YAML, and may become a map; the text is
/// kept for fields that want text. Keys are not expanded.
struct Expander {
    /// How many expressions one configuration may have, those in expanded text included.
    static let maximumExpansions = 1000
    /// How much text expansion may make in all, in UTF-8 bytes: variables that mention each other twice
    /// grow fast.
    static let maximumText = 16 << 20
    private static let maximumDepth = 50

    private let providers: [String: any Provider]
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var texts: [ConfigurationSource: String] = [:]
    private var cache: [ConfigurationURI: Fetched] = [:]
    private var expansions = 0
    private var textSize = 0
    /// The same text is looked at twice, as YAML and as text; only the first look reports.
    private var isQuiet = false

    /// Where an expression is: what messages need.
    fileprivate struct Place {
        var path: [String]
        var position: Position
        var nature: Fetched.Nature
        var depth = 0
    }

    /// The expansion of a value failed; the reason has been reported.
    private struct Failure: Error {}

    init(providers: [String: any Provider]) { self.providers = providers }

    mutating func expand(_ tree: Tree) async -> Tree {
        await expand(tree, Place(path: [], position: tree.position, nature: .configuration))
    }

    private mutating func expand(_ tree: Tree, _ place: Place) async -> Tree {
        var result = tree
        switch tree.content {
        case .list(let elements):
            var expanded: [Tree] = []
            for (index, element) in elements.enumerated() {
                expanded.append(await expand(element, place.below("\(index)", element)))
            }
            result.content = .list(expanded)
        case .table(let entries):
            var expanded: [Tree.Entry] = []
            for var entry in entries {
                entry.value = await expand(entry.value, place.below(entry.key, entry.value))
                expanded.append(entry)
            }
            result.content = .table(expanded)
        case .scalar(let scalar):
            guard !Template.isPlain(scalar.text) else { return tree }
            let template = Template(scalar.text, nature: place.nature)
            guard let expanded = try? await expand(template, from: scalar, place) else { return tree }
            result.content = expanded.content
            result.originalText = expanded.originalText
            result.expandedFrom = expanded.expandedFrom
        }
        return result
    }

    private mutating func expand(
        _ template: Template, from scalar: Scalar, _ place: Place
    ) async throws(Failure) -> Tree {
        if let expression = template.only { return try await whole(expression, place) }
        if template.pieces == [.literal(scalar.text)] { return Tree(.scalar(scalar)) }
        let text = try await join(template.pieces, place)
        let hasExpression = template.pieces.contains { if case .expression = $0 { true } else { false } }
        return Tree(.scalar(Scalar(text, style: hasExpression ? .composed : .quoted)))
    }

    /// A value that is nothing but one expression.
    private mutating func whole(_ expression: [Template.Piece], _ place: Place) async throws(Failure) -> Tree
    {
        let fetched = try await fetch(expression, place)
        let inner = place.inside(fetched)
        let parsed =
            (try? Tree(yaml: fetched.text, source: fetched.source))
            ?? Tree(.scalar(Scalar(fetched.text, style: .quoted)))
        var result: Tree
        if case .string? = parsed.scalar?.value {
            result = try await asWritten(fetched, quoted: parsed.scalar?.style == .quoted, inner)
        } else {
            result = await expand(parsed, inner)
            let wasQuiet = isQuiet
            isQuiet = true
            result.originalText = try? await text(of: fetched, inner)
            isQuiet = wasQuiet
        }
        result.expandedFrom = fetched.source
        return result
    }

    /// A variable that holds text: its own expressions are expanded, and quotes in it are part of the text.
    private mutating func asWritten(_ fetched: Fetched, quoted: Bool, _ place: Place) async throws(Failure)
        -> Tree
    {
        let trimmed = Self.withoutLastNewline(fetched)
        if let expression = Template(trimmed, nature: fetched.nature).only {
            return try await whole(expression, place)
        }
        let text = try await text(of: fetched, place)
        return Tree(.scalar(Scalar(text, style: .quoted)), originalText: text)
    }

    private mutating func text(of fetched: Fetched, _ place: Place) async throws(Failure) -> String {
        try await join(Template(Self.withoutLastNewline(fetched), nature: fetched.nature).pieces, place)
    }

    /// Files end with a newline that is not part of the password in them.
    private static func withoutLastNewline(_ fetched: Fetched) -> String {
        guard fetched.source.kind == .file, fetched.text.hasSuffix("\n") else { return fetched.text }
        return String(fetched.text.dropLast())
    }

    private mutating func join(_ pieces: [Template.Piece], _ place: Place) async throws(Failure) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .expression(let expression):
                let fetched = try await fetch(expression, place)
                text += try await self.text(of: fetched, place.inside(fetched))
            }
        }
        textSize += text.utf8.count
        guard textSize <= Self.maximumText else {
            throw fail("expansion makes more than \(Self.maximumText >> 20) MiB of text", place)
        }
        return text
    }

    private mutating func fetch(_ expression: [Template.Piece], _ place: Place) async throws(Failure)
        -> Fetched
    {
        let text = try await join(expression, place)
        expansions += 1
        guard expansions <= Self.maximumExpansions, place.depth < Self.maximumDepth else {
            throw fail("too many expansions; '${\(text)}' may contain itself", place)
        }
        guard !text.contains("$"), let uri = ConfigurationURI(expression: text) else {
            throw fail(
                "'${\(text)}' is not an address; write ${scheme:…} or ${NAME}, or $${ for plain text", place)
        }
        if let known = cache[uri] { return known }
        guard let provider = providers[uri.scheme] else {
            let schemes = providers.keys.sorted()
            throw fail(
                "unknown scheme '\(uri.scheme)'; there are \(schemes.joined(separator: ", "))", place,
                suggestion: Spelling.nearest(to: uri.scheme, among: schemes))
        }
        do {
            let fetched = try await provider.fetch(uri.opaque)
            cache[uri] = fetched
            if fetched.nature == .configuration { texts[fetched.source] = fetched.text }
            if let remark = fetched.remark, !isQuiet {
                diagnostics.append(
                    Diagnostic(remark.severity, at: place.position, path: place.path, remark.message))
            }
            return fetched
        } catch {
            throw fail(error.description, place)
        }
    }

    private mutating func fail(_ message: String, _ place: Place, suggestion: String? = nil) -> Failure {
        if !isQuiet {
            diagnostics.append(
                Diagnostic(at: place.position, path: place.path, message, suggestion: suggestion))
        }
        return Failure()
    }
}

extension Expander.Place {
    fileprivate func below(_ step: String, _ tree: Tree) -> Self {
        var place = self
        place.path.append(step)
        place.position = tree.position
        return place
    }

    fileprivate func inside(_ fetched: Fetched) -> Self {
        var place = self
        place.nature = fetched.nature
        place.depth += 1
        return place
    }
}
