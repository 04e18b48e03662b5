/// Decides for many agents whether a text is in what is known of them: for each attribute once.
struct TextMatcher {
    private let text: [UInt8]
    /// 0 is not looked at yet, 1 has it, 2 does not.
    private var byAttribute: [UInt8] = []
    private var byLabels: [UInt8] = []

    init(_ text: String) { self.text = Self.small(text) }

    var choosesAll: Bool { text.isEmpty }

    /// Whether the text is in another, whatever the case of letters of ASCII.
    func isIn(_ other: String) -> Bool {
        guard !text.isEmpty else { return true }
        let other = Self.small(other)
        guard other.count >= text.count else { return false }
        for start in 0...(other.count - text.count)
        where other[start] == text[0] && other[start..<(start + text.count)].elementsEqual(text) {
            return true
        }
        return false
    }

    /// Whether the text is in the labels or the attributes of an agent.
    mutating func matches(
        labels: UInt32, attributes: AttributeTable.Numbers, in tables: InventoryTables
    ) -> Bool {
        if labels != .absent, matches(labels: labels, in: tables) { return true }
        for number in tables.attributes.profiles[attributes.profile]?.attributes ?? []
        where matches(attribute: number, in: tables) { return true }
        for number in attributes.own where matches(attribute: number, in: tables) { return true }
        return false
    }

    private mutating func matches(attribute number: UInt32, in tables: InventoryTables) -> Bool {
        while byAttribute.count <= number { byAttribute.append(0) }
        if byAttribute[Int(number)] == 0 {
            let value = tables.attributes.attributes[number]?.value ?? ""
            byAttribute[Int(number)] = isIn(value) ? 1 : 2
        }
        return byAttribute[Int(number)] == 1
    }

    private mutating func matches(labels number: UInt32, in tables: InventoryTables) -> Bool {
        while byLabels.count <= number { byLabels.append(0) }
        if byLabels[Int(number)] == 0 {
            let found = tables.labels[number]?.values.contains { isIn($0) } ?? false
            byLabels[Int(number)] = found ? 1 : 2
        }
        return byLabels[Int(number)] == 1
    }

    private static func small(_ text: String) -> [UInt8] {
        text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
    }
}
