public import FleetModel
internal import FleetStore
public import Settings

/// A saved selector with a name, and the values that templates get for its agents.
public struct FleetGroup: Sendable, Hashable {
    /// The longest description, in UTF-8 bytes.
    public static let longestDescription = 4096
    /// The most values of a group.
    public static let mostValues = 1000

    public var name: String
    public var description: String
    /// Chooses agents by labels.
    public var selector: Selector
    /// Where two groups say different things about a value, the one of higher priority wins.
    public var priority: Int
    /// What `${var:NAME}` is for agents of the group.
    public var values: [String: Tree]
    /// The set of files the group was imported from; empty for one that was not.
    public var source: String

    public init(
        name: String, description: String = "", selector: Selector, priority: Int = 0,
        values: [String: Tree] = [:], source: String = ""
    ) {
        self.name = name
        self.description = description
        self.selector = selector
        self.priority = priority
        self.values = values
        self.source = source
    }

    /// What is wrong with it.
    var problems: [Diagnostic] {
        var found: [Diagnostic] = []
        if !FleetName.isName(name) { found.append(Diagnostic(path: ["name"], FleetName.rule)) }
        if description.utf8.count > Self.longestDescription {
            found.append(
                Diagnostic(path: ["description"], "has more than \(Self.longestDescription) bytes"))
        }
        if values.count > Self.mostValues {
            found.append(Diagnostic(path: ["values"], "there are more than \(Self.mostValues) values"))
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            if let problem = FleetValue.problem(name, value) {
                found.append(Diagnostic(path: ["values", name], problem))
            }
        }
        return found
    }
}

/// The names of configurations, groups, plans and tokens.
public enum FleetName {
    static let rule = "must be letters, digits, _ . and - only, begin with a letter or digit, up to 128"

    /// Whether a text is such a name.
    public static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return isLetterOrDigit(first)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension FleetGroup: TableRow {
    static var kind: DocumentKind { .group }
    var id: String { name }

    var body: Tree {
        .table([
            "description": .text(description), "selector": .text(selector.description),
            "priority": .number(priority),
            "values": Tree(.table(values.sorted { $0.key < $1.key }.map { Tree.Entry($0.key, $0.value) })),
            "source": .text(source),
        ])
    }

    init?(id: String, body: Tree) {
        let fields = DocumentFields(body)
        guard let selector = try? Selector(parsing: fields.text("selector") ?? "") else { return nil }
        self.init(
            name: id, description: fields.text("description") ?? "", selector: selector,
            priority: fields.text("priority").flatMap { Int($0) } ?? 0,
            values: Dictionary((body["values"]?.table ?? []).map { ($0.key, $0.value) }) { first, _ in first
            },
            source: fields.text("source") ?? "")
    }
}
