public import OpAMP
public import Pipeline
public import Settings

/// The components that some agents are built of, as they said themselves.
public struct AgentComponents: Sendable, Hashable {
    /// The key of the metadata under which agents of our kind put the JSON Schema of a component.
    public static let schemaKey = "schema"
    /// The key of the metadata with other names of a component, with commas between them.
    public static let aliasesKey = "aliases"
    /// The largest schema that is read, in UTF-8 bytes.
    public static let largestSchema = 1 << 20

    /// The schemas by kind and type; null where an agent named a type and no schema.
    public private(set) var types: [ComponentKind: [String: Tree]] = [:]

    public init() {}

    /// Takes over what an agent reported; groups and metadata of other kinds are left out.
    public init(_ reported: AvailableComponents) {
        for kind in ComponentKind.allCases {
            guard let group = reported.components[kind.section] ?? reported.components[kind.rawValue] else {
                continue
            }
            for (type, details) in group.components {
                let schema = Self.schema(of: details)
                for name in [type] + Self.aliases(of: details) { add(name, of: kind, schema: schema) }
            }
        }
    }

    /// Adds a component by its type.
    public mutating func add(_ type: String, of kind: ComponentKind, schema: Tree? = nil) {
        types[kind, default: [:]][type] = schema ?? .null
    }

    /// Whether nothing is known.
    public var isEmpty: Bool { types.values.allSatisfy(\.isEmpty) }

    /// Whether agents have a type; names that differ in `_` only are one, as old and new names of otelcol.
    func has(_ type: String, of kind: ComponentKind) -> Bool {
        guard let known = types[kind] else { return false }
        return known[type] != nil || known.keys.contains { Self.simple($0) == Self.simple(type) }
    }

    /// The schema of a type, if an agent said it.
    func schema(of type: String, _ kind: ComponentKind) -> Tree? {
        guard let known = types[kind] else { return nil }
        let schema =
            known[type] ?? known.first { Self.simple($0.key) == Self.simple(type) }?.value
        return schema.flatMap { $0.isNull ? nil : $0 }
    }

    private static func simple(_ type: String) -> String { type.replacing("_", with: "").lowercased() }

    private static func schema(of details: ComponentDetails) -> Tree? {
        guard let text = text(schemaKey, of: details), text.utf8.count <= largestSchema else { return nil }
        return try? Tree(json: text, source: ConfigurationSource(.inline, "schema"))
    }

    private static func aliases(of details: ComponentDetails) -> [String] {
        (text(aliasesKey, of: details) ?? "").split(separator: ",").map { String($0.filter { $0 != " " }) }
    }

    private static func text(_ key: String, of details: ComponentDetails) -> String? {
        for attribute in details.metadata where attribute.key == key {
            if case .string(let text)? = attribute.value { return text }
        }
        return nil
    }
}
