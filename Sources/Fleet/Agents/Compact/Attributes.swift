internal import OpAMP
internal import Settings
internal import Wire

extension AgentDescription {
    /// The attributes as text, each key once; identifying ones win.
    var attributes: [Attribute] {
        var seen: Set<String> = []
        var list: [Attribute] = []
        for (pairs, isIdentifying) in [(identifyingAttributes, true), (nonIdentifyingAttributes, false)] {
            for pair in pairs where !pair.key.isEmpty && list.count < AttributeTable.mostAttributes {
                let key = pair.key.cut(toBytes: 256)
                guard let value = pair.value, seen.insert(key).inserted else { continue }
                list.append(
                    Attribute(key: key, value: value.text.cut(toBytes: 1024), isIdentifying: isIdentifying))
            }
        }
        return list
    }

    /// A description with these attributes, all of them text.
    init(_ attributes: [Attribute]) {
        func pairs(_ isIdentifying: Bool) -> [KeyValue] {
            attributes.filter { $0.isIdentifying == isIdentifying }.map { KeyValue($0.key, $0.value) }
        }
        self.init(identifyingAttributes: pairs(true), nonIdentifyingAttributes: pairs(false))
    }
}

extension AnyValue {
    /// The value as people read it: what is no text is written as in JSON.
    var text: String {
        if case .string(let text) = self { return text }
        return tree.scalar?.text ?? tree.json()
    }

    private var tree: Tree {
        switch self {
        case .string(let text): .text(text)
        case .bool(let value): .bool(value)
        case .int(let value): .number(value)
        case .double(let value): .number(value)
        case .array(let values): .list(values.map { $0?.tree ?? .null })
        case .keyValues(let pairs):
            Tree(.table(pairs.map { Tree.Entry($0.key, $0.value?.tree ?? .null) }))
        case .bytes(let bytes): .text(Hexadecimal.text(of: bytes))
        }
    }
}

extension String {
    /// The beginning of the text, of at most so many bytes of UTF-8 and without half of a character.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
