internal import Wire

extension AnyValueView {
    /// Encodes a value.
    public init(_ value: AttributeValue) {
        var writer = Writer(capacity: 32)
        writer.write(contentOf: value)
        self.init(WireMessage(writer.finish()))
    }

    /// Whether both are of the same type and say the same; maps may have their keys in any order.
    public func hasContent(of other: AnyValueView) -> Bool {
        switch (content, other.content) {
        case (.empty, .empty): true
        case (.string(let left), .string(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right
        case (.bytes(let left), .bytes(let right)): left.array == right.array
        case (.stringIndex(let left), .stringIndex(let right)): left == right
        case (.array(let left), .array(let right)):
            Array(left).count == Array(right).count && zip(left, right).allSatisfy { $0.hasContent(of: $1) }
        case (.keyValues(let left), .keyValues(let right)):
            Array(left).count == Array(right).count
                && left.allSatisfy { pair in right[pair.key].map { pair.value.hasContent(of: $0) } ?? false }
        default: false
        }
    }
}

extension LentValue {
    /// Whether it is of the same type as `other` and says the same.
    public func hasContent(of other: AnyValueView) -> Bool {
        // What is encoded alike is alike, but for a NaN, which equals nothing.
        let isSame = other.message.bytes.withUnsafeBytes { theirs in
            theirs.count == memory.count && theirs.elementsEqual(memory)
        }
        if isSame { return number != 4 || !Double(bitPattern: bits).isNaN }
        if number == 1 || number == 2 { return false }
        return view.hasContent(of: other)
    }
}
