/// A section that is switched on by being written: `grpc:` alone means gRPC with its defaults.
///
/// Unlike `Optional`, null is a value here, and the defaults may differ from those of the section's type:
///
///     var http = Presence(HTTPServerSettings(endpoint: "localhost:4318"))
///
/// `enabled: false` inside the section switches it off, unless the section has a key `enabled` of its own.
public struct Presence<Section: SettingGroup>: Sendable {
    /// What the section has when it is present; the defaults otherwise.
    public var section: Section
    /// Whether the section is there.
    public var isPresent: Bool

    /// A section that is absent unless written, or present unless switched off.
    public init(_ defaults: Section = Section(), isPresent: Bool = false) {
        section = defaults
        self.isPresent = isPresent
    }

    /// The section, if it is there.
    public var value: Section? { isPresent ? section : nil }
}

extension Presence: Equatable where Section: Equatable {}
extension Presence: Hashable where Section: Hashable {}

extension Presence: SettingValue {
    public static var kind: String { Section.kind }
    public var nested: NestedSection? { NestedSection(section, isPresent: isPresent) }

    /// The schema of the section, which may also be switched off.
    public static var schema: Tree {
        guard !hasOwnSwitch else { return Section.schema }
        var schema = Section.schema
        let enabled = Tree.table([
            "description": .text("Whether the section counts."), "type": .text("boolean"),
        ])
        schema.content = .table(
            (schema.table ?? []).map { entry in
                guard entry.key == "properties", let properties = entry.value.table else { return entry }
                return Tree.Entry(entry.key, Tree(.table([Tree.Entry("enabled", enabled)] + properties)))
            })
        return schema
    }

    public static var nullMeaning: NullMeaning { .value }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        var result = existing ?? Self()
        result.isPresent = true
        var section = tree
        if let entries = tree.table, !hasOwnSwitch, let entry = entries.first(where: { $0.key == "enabled" })
        {
            section.content = .table(entries.filter { $0.key != "enabled" })
            result.isPresent =
                reader.within("enabled", keyPosition: entry.keyPosition) {
                    $0.read(Bool.self, entry.value, over: true)
                } ?? true
        }
        guard let value = Section.read(section, over: result.section, with: &reader) else { return nil }
        result.section = value
        return result
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        if isPresent { return section.tree(secrets) }
        return Self.hasOwnSwitch ? nil : .table(["enabled": .bool(false)])
    }

    private static var hasOwnSwitch: Bool { Section.allFields.contains { $0.name == "enabled" } }
}
