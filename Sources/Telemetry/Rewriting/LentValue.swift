internal import Wire

/// A value of an attribute where it stands, without a copy; valid only while it is lent.
public struct LentValue {
    /// The encoded AnyValue.
    public let memory: UnsafeRawBufferPointer
    /// The field of AnyValue that it has: 1 string, 2 bool, 3 int, 4 double, 5 array, 6 list of keys and
    /// values, 7 bytes, 8 index of a string; 0 for a value without content.
    public let number: Int
    /// A boolean, an integer or the bit pattern of a double; 0 for everything else.
    public let bits: UInt64
    private let content: Range<Int>

    /// Reads the field of an AnyValue; of several the last counts.
    init(_ memory: UnsafeRawBufferPointer) {
        self.memory = memory
        var (number, bits, content) = (0, UInt64(0), 0..<0)
        if let base = memory.bindMemory(to: UInt8.self).baseAddress {
            var fields = FieldWalker(base, 0, memory.count)
            while fields.next() {
                guard (1...8).contains(fields.number) else { continue }
                number = fields.number
                content = fields.value
                bits = fields.bits
            }
        }
        self.number = number
        self.bits = bits
        self.content = content
    }

    /// The UTF-8 of a string; `nil` when it is none.
    public var string: UnsafeRawBufferPointer? {
        number == 1 ? UnsafeRawBufferPointer(rebasing: memory[content]) : nil
    }

    /// A copy that may be kept.
    public var view: AnyValueView { AnyValueView(WireMessage(Bytes(copying: memory))) }
}

/// What becomes of an attribute.
public enum AttributeChange {
    case keep, remove
    case replace(AttributeValue)
}

extension FieldWalker {
    /// The value of a varint, fixed32 or fixed64 that was read last; 0 for others.
    var bits: UInt64 {
        var bits: UInt64 = 0
        switch wire {
        case 0:
            for (index, place) in value.enumerated() where index < 10 {
                bits |= UInt64(base[place] & 0x7F) &<< UInt64(7 * index)
            }
        case 1, 5:
            for (index, place) in value.enumerated() { bits |= UInt64(base[place]) &<< UInt64(8 * index) }
        default: break
        }
        return bits
    }
}
