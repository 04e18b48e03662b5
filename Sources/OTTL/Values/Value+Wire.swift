public import Telemetry
internal import Wire

extension Value {
    /// The value of an attribute: scalars as they are, lists and maps not looked into.
    public init(_ view: AnyValueView) {
        self = .null
        for field in view.message.fields {
            switch field.number {
            case 1: self = .string(view.message.bytes[field.value])
            case 2: self = .bool(field.bits != 0)
            case 3: self = .int(Int64(bitPattern: field.bits))
            case 4: self = .double(Double(bitPattern: field.bits))
            case 5, 6: self = .wire(view)
            case 7: self = .bytes(view.message.bytes[field.value])
            default: break
            }
        }
    }
}

extension ValueMap {
    /// The attributes in field `number` of a message.
    public init(attributesIn number: Int, of message: WireMessage) {
        var entries: [Entry] = []
        for field in message.fields where field.number == number {
            let pair = KeyValueView(WireMessage(message.bytes[field.value]))
            entries.append(Entry(pair.message.data(1), Value(pair.value)))
        }
        self.init(unique: entries)
    }
}

extension AnyValueView {
    /// Whether it is a list of keys and values.
    var isMap: Bool { message.has(6) }

    var decodedElements: [Value] {
        message.field(5).map { field in
            let array: WireMessage = WireMessage(message.bytes[field.value])
            return array.messages(1, as: AnyValueView.self).map { Value($0) }
        } ?? []
    }

    var decodedEntries: ValueMap {
        message.field(6).map { ValueMap(attributesIn: 1, of: WireMessage(message.bytes[$0.value])) }
            ?? ValueMap()
    }
}
