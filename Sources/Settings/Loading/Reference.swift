/// One `${…}` in a configuration as it is written.
public struct Reference: Sendable, Hashable {
    /// The provider, such as `env`.
    public let scheme: String
    /// What the provider is asked for, such as the name of a variable; `nil` when that is itself put
    /// together from expressions, so that nobody can tell before they are expanded.
    public let target: String?
    /// The keys and indices that lead to the value.
    public let path: [String]
    public let position: Position

    /// Every reference in a tree, those inside others included, in the order of the tree.
    public static func all(in tree: Tree) -> [Reference] { all(in: tree, path: []) }

    private static func all(in tree: Tree, path: [String]) -> [Reference] {
        switch tree.content {
        case .table(let entries): return entries.flatMap { all(in: $0.value, path: path + [$0.key]) }
        case .list(let elements):
            return elements.enumerated().flatMap { all(in: $0.element, path: path + ["\($0.offset)"]) }
        case .scalar(let scalar):
            guard !Template.isPlain(scalar.text) else { return [] }
            let pieces = Template(scalar.text, nature: .configuration).pieces
            return pieces.flatMap { all(in: $0, path: path, position: tree.position) }
        }
    }

    private static func all(in piece: Template.Piece, path: [String], position: Position) -> [Reference] {
        guard case .expression(let inner) = piece else { return [] }
        let nested = inner.flatMap { all(in: $0, path: path, position: position) }
        let head = inner.first.flatMap { if case .literal(let text) = $0 { text } else { nil } } ?? ""
        let uri = ConfigurationURI(expression: head)
        let isWhole = inner.count == 1 && nested.isEmpty
        let scheme = uri?.scheme ?? "env"
        guard isWhole || hasFixedTarget(scheme, head) else {
            return [Reference(scheme: scheme, target: nil, path: path, position: position)] + nested
        }
        let target = uri.map { $0.scheme == "env" ? variable($0.opaque) : $0.opaque } ?? head
        return [Reference(scheme: scheme, target: target, path: path, position: position)] + nested
    }

    /// Whether the name stands before the first inner expression, as in `${env:NAME:-${env:OTHER}}`.
    private static func hasFixedTarget(_ scheme: String, _ head: String) -> Bool {
        scheme == "env" && head.contains(":-")
    }

    private static func variable(_ opaque: String) -> String {
        opaque.firstRange(of: ":-").map { String(opaque[..<$0.lowerBound]) } ?? opaque
    }
}
