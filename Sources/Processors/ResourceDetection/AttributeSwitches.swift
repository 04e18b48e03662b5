internal import Pipeline
public import Settings

/// A detector as far as its configuration goes: which attributes it knows and which it gives by default.
public protocol DetectorKind: Sendable {
    static var attributes: KeyValuePairs<String, Bool> { get }
}

/// The key `resource_attributes` of a detector: which attributes it gives.
///
///     resource_attributes: {host.id: {enabled: true}}
public struct AttributeSwitches<Kind: DetectorKind>: SettingValue {
    /// What was written.
    public var switches: [String: Bool] = [:]

    public init() {}

    public static var kind: String { "a map from attributes to {enabled: true or false}" }

    public static var schema: Tree {
        let value = Tree.table([
            "type": .text("object"), "properties": .table(["enabled": Bool.schema]),
            "additionalProperties": .bool(false),
        ])
        let properties = Kind.attributes.map { Tree.Entry($0.key, value) }
        return .table([
            "type": .text("object"), "properties": Tree(.table(properties)),
            "additionalProperties": .bool(false),
        ])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let entries = tree.table else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        let known = Kind.attributes.map { $0.key }
        var result = existing ?? Self()
        for entry in entries {
            guard known.contains(entry.key) else {
                reader.unknownKey(entry, among: known)
                continue
            }
            reader.within(entry.key, keyPosition: entry.keyPosition) { reader in
                guard let inner = entry.value.table else {
                    return reader.mismatch(entry.value, expected: "a map with the key enabled")
                }
                for item in inner where item.key != "enabled" { reader.unknownKey(item, among: ["enabled"]) }
                if let value = inner.first(where: { $0.key == "enabled" })?.value {
                    result.switches[entry.key] = reader.read(Bool.self, value)
                }
            }
        }
        return result
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        let entries = switches.sorted { $0.key < $1.key }.map { name, isEnabled in
            Tree.Entry(name, Tree.table(["enabled": .bool(isEnabled)]))
        }
        return Tree(.table(entries))
    }

    /// Whether the detector gives an attribute.
    public func allows(_ name: String) -> Bool {
        switches[name] ?? Kind.attributes.first { $0.key == name }?.value ?? true
    }
}

/// The section of a detector that reads what is on the machine.
public struct LocalDetectorSettings<Kind: DetectorKind>: SettingGroup {
    public var resourceAttributes = AttributeSwitches<Kind>()
    public init() {}
    public static var fields: [Field<Self>] {
        [Field("resource_attributes", \.resourceAttributes, "Which attributes it gives.")]
    }
}

/// The section of a detector that asks a metadata service.
public struct CloudDetectorSettings<Kind: DetectorKind>: SettingGroup {
    public var endpoint = ""
    public var resourceAttributes = AttributeSwitches<Kind>()
    public init() {}
    public static var fields: [Field<Self>] {
        [
            Field(
                "endpoint", \.endpoint, "Address of the metadata service; empty for that of the cloud.",
                check: { DetectorEndpoint.problem(of: $0) }),
            Field("resource_attributes", \.resourceAttributes, "Which attributes it gives."),
        ]
    }
}

/// The section of a detector that asks a metadata service, which knows tags too.
public struct TaggedDetectorSettings<Kind: DetectorKind>: SettingGroup {
    public var endpoint = ""
    public var tags: [String] = []
    public var resourceAttributes = AttributeSwitches<Kind>()
    public init() {}
    public static var fields: [Field<Self>] {
        [
            Field(
                "endpoint", \.endpoint, "Address of the metadata service; empty for that of the cloud.",
                check: { DetectorEndpoint.problem(of: $0) }),
            Field("tags", \.tags, "Regular expressions (RE2) for tags that become attributes."),
            Field("resource_attributes", \.resourceAttributes, "Which attributes it gives."),
        ]
    }

    public func check() -> [Problem] { DetectorEndpoint.problems(ofTags: tags) }
}
