internal import Wire

/// A value of an attribute.
public enum AnyValue: Sendable, Hashable {
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    /// `nil` is a value that is not set.
    case array([AnyValue?])
    case keyValues([KeyValue])
    case bytes([UInt8])
}

/// An attribute: a key and its value.
public struct KeyValue: Sendable, Hashable {
    public var key = ""
    /// `nil` when it is not set.
    public var value: AnyValue?

    public init() {}

    public init(_ key: String, _ value: AnyValue?) {
        self.key = key
        self.value = value
    }

    public init(_ key: String, _ text: String) { self.init(key, .string(text)) }
}

extension KeyValue: WireMessage {
    static let messageName: StaticString = "KeyValue"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: key = try decoder.text(field, "key")
        case 2: value = try decoder.anyValue(field, "value")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(key, 1)
        writer.put(value.map { ValueBox(value: $0) }, 2)
    }
}

/// The message around a value, which may hold none.
private struct ValueBox: WireMessage {
    static let messageName: StaticString = "AnyValue"

    var value: AnyValue?

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: value = .string(try decoder.text(field, "string_value"))
        case 2: value = .bool(try field.bool("bool_value"))
        case 3: value = .int(Int64(bitPattern: try field.varint("int_value")))
        case 4: value = .double(try field.double("double_value"))
        case 5:
            var list: ValueList?
            try decoder.message(field, "array_value", into: &list)
            value = .array(list?.values ?? [])
        case 6:
            var list: KeyValueList?
            try decoder.message(field, "kvlist_value", into: &list)
            value = .keyValues(list?.values ?? [])
        case 7: value = .bytes(try decoder.bytes(field, "bytes_value"))
        default: break
        }
    }

    func write(to writer: inout Writer) {
        switch value {
        case .string(let text): writer.write(string: text, 1)
        case .bool(let bool): writer.write(bool: bool, 2)
        case .int(let int): writer.write(signed: int, 3)
        case .double(let double): writer.write(double: double, 4)
        case .array(let values): writer.put(ValueList(values: values), 5)
        case .keyValues(let pairs): writer.put(KeyValueList(values: pairs), 6)
        case .bytes(let bytes): writer.write(bytes: bytes, 7)
        case nil: break
        }
    }
}

private struct ValueList: WireMessage {
    static let messageName: StaticString = "ArrayValue"

    var values: [AnyValue?] = []

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 1 else { return }
        try decoder.countElement(field)
        values.append(try decoder.anyValue(field, "values"))
    }

    func write(to writer: inout Writer) {
        for value in values { writer.put(ValueBox(value: value), 1) }
    }
}

private struct KeyValueList: WireMessage {
    static let messageName: StaticString = "KeyValueList"

    var values: [KeyValue] = []

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        if field.number == 1 { try decoder.attribute(field, "values", into: &values) }
    }

    func write(to writer: inout Writer) { writer.put(values, 1) }
}

extension MessageDecoder {
    /// Reads a key with its value, and counts it.
    mutating func attribute(
        _ field: Field, _ name: StaticString, into list: inout [KeyValue]
    ) throws(OpAMPError) {
        try countAttribute(field)
        try element(field, name, into: &list)
    }

    fileprivate mutating func anyValue(_ field: Field, _ name: StaticString) throws(OpAMPError) -> AnyValue? {
        var box: ValueBox?
        try value(field) { decoder throws(OpAMPError) in try decoder.message(field, name, into: &box) }
        return box?.value
    }
}
