/// Names with values in the order written, such as headers: a map, or a list of `{name, value}`.
public struct OrderedPairs<Value: SettingValue>: Sendable, ExpressibleByDictionaryLiteral {
    /// One name with its value.
    public struct Pair: Sendable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// In the order written.
    public var pairs: [Pair]

    public init(_ pairs: [Pair] = []) { self.pairs = pairs }

    public init(dictionaryLiteral elements: (String, Value)...) { pairs = elements.map { Pair($0, $1) } }

    /// The first value of a name.
    public subscript(name: String) -> Value? { pairs.first { $0.name == name }?.value }
}

extension OrderedPairs.Pair: Equatable where Value: Equatable {}
extension OrderedPairs.Pair: Hashable where Value: Hashable {}
extension OrderedPairs: Equatable where Value: Equatable {}
extension OrderedPairs: Hashable where Value: Hashable {}

extension OrderedPairs: SettingValue {
    public static var kind: String { "a map from names to values" }
    public static var schema: Tree {
        let pair = Tree.table([
            "type": .text("object"),
            "properties": .table(["name": .table(["type": .text("string")]), "value": Value.schema]),
            "required": .list([.text("name"), .text("value")]),
            "additionalProperties": .bool(false),
        ])
        return .table([
            "anyOf": .list([
                .table(["type": .text("object"), "additionalProperties": Value.schema]),
                .table(["type": .text("array"), "items": pair]),
            ])
        ])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        switch tree.content {
        case .table(let entries):
            return Self(
                entries.compactMap { entry in
                    reader.within(entry.key, keyPosition: entry.keyPosition) { reader in
                        readValue(entry.value, with: &reader).map { Pair(entry.key, $0) }
                    }
                })
        case .list(let elements):
            return Self(
                elements.enumerated().compactMap { index, element in
                    reader.within("\(index)", keyPosition: element.position) { readPair(element, with: &$0) }
                })
        case .scalar:
            reader.mismatch(tree, expected: "\(kind), or a list of {name, value}")
            return nil
        }
    }

    private static func readPair(_ tree: Tree, with reader: inout SettingReader) -> Pair? {
        guard let entries = tree.table else {
            reader.mismatch(tree, expected: "a map with the keys name and value")
            return nil
        }
        for entry in entries where entry.key != "name" && entry.key != "value" {
            reader.unknownKey(entry, among: ["name", "value"])
        }
        guard let name = tree["name"]?.text, let value = tree["value"] else {
            reader.unusable(tree, "must have the keys name and value")
            return nil
        }
        return readValue(value, with: &reader).map { Pair(name, $0) }
    }

    private static func readValue(_ tree: Tree, with reader: inout SettingReader) -> Value? {
        if tree.isNull, tree.originalText == nil, case .absent = Value.nullMeaning {
            reader.mismatch(tree, expected: Value.kind)
            return nil
        }
        return Value.read(tree, over: nil, with: &reader)
    }

    /// A map, unless a name appears twice.
    public func tree(_ secrets: SecretVisibility) -> Tree? {
        if Set(pairs.map(\.name)).count == pairs.count {
            return Tree(.table(pairs.map { Tree.Entry($0.name, $0.value.tree(secrets) ?? .null) }))
        }
        return .list(
            pairs.map { .table(["name": .text($0.name), "value": $0.value.tree(secrets) ?? .null]) })
    }
}
