internal import Settings

extension Tree {
    func string(_ key: String) -> String? { self[key].flatMap { $0.isNull ? nil : $0.text } }
    func integer(_ key: String) -> Int? { string(key).flatMap { Int($0) } }
    func unsigned(_ key: String) -> UInt64? { string(key).flatMap { UInt64($0) } }
    func double(_ key: String) -> Double? { string(key).flatMap { Double($0) } }
    func flag(_ key: String) -> Bool { string(key) == "true" }
    func strings(_ key: String) -> [String] { (self[key]?.list ?? []).compactMap(\.text) }

    static func optional(_ text: String?) -> Tree { text.map { .text($0) } ?? .null }
    static func optional(_ number: Double?) -> Tree { number.map { .number($0) } ?? .null }

    /// A table from names to values, in the order of the names.
    static func sorted<Value>(_ values: [String: Value], _ tree: (Value) -> Tree) -> Tree {
        Tree(.table(values.sorted { $0.key < $1.key }.map { Entry($0.key, tree($0.value)) }))
    }
}
