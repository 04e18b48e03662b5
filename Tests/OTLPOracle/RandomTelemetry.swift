internal import FoundationEssentials
internal import SwiftProtobuf

/// Makes random, valid OTLP messages of every signal in which each field, each kind of value and each edge of
/// its range turns up sooner or later.
///
/// What it makes is a function of the seed and the options alone.
public struct RandomTelemetry {
    /// Where the values come from.
    public var source: RandomSource
    /// About how many items (spans, points, records, samples) a message holds.
    public let size: Int
    /// How deep values nest inside one attribute.
    public let depth: Int
    /// Whether messages carry fields that no version of OTLP knows.
    public let unknownFields: Bool

    /// Keys that come up again and again, so that edits find something.
    public static let commonKeys = ["host", "service.name", "k8s.pod.name"]

    /// Prepares the messages that belong to `seed`.
    public init(seed: UInt64, size: Int = 20, depth: Int = 4, unknownFields: Bool = false) {
        source = RandomSource(seed: seed)
        self.size = size
        self.depth = depth
        self.unknownFields = unknownFields
    }

    /// Splits about `size` items into random groups, none of them negative, some of them empty.
    mutating func groups() -> [Int] {
        var left = size
        var sizes: [Int] = []
        while left > 0 {
            let group = source.integer(in: 0...max(1, left))
            sizes.append(group)
            left -= max(group, 1)
        }
        return sizes
    }

    /// Random attributes, sometimes many, sometimes with the same key twice.
    mutating func attributes() -> [OTLP.KeyValue] {
        let count = source.once(in: 12) ? source.integer(in: 5...30) : source.integer(in: 0...4)
        return (0..<count).map { _ in keyValue(depth: depth) }
    }

    mutating func keyValue(depth: Int) -> OTLP.KeyValue {
        var pair = OTLP.KeyValue()
        pair.key = source.once(in: 3) ? source.one(of: Self.commonKeys) : source.text()
        if !source.once(in: 10) { pair.value = anyValue(depth: depth) }
        if source.once(in: 20) { pair.keyStrindex = source.any() }
        return extended(pair)
    }

    /// A random value; `depth` bounds how many lists may surround the innermost one.
    public mutating func anyValue(depth: Int) -> OTLP.AnyValue {
        var value = OTLP.AnyValue()
        switch source.integer(in: 0...(depth > 0 ? 10 : 7)) {
        case 0, 1: value.stringValue = source.text()
        case 2: value.boolValue = source.once(in: 2)
        case 3: value.intValue = source.any()
        case 4: value.doubleValue = source.double()
        case 5: value.bytesValue = source.data()
        case 6: value.stringValueStrindex = source.any()
        case 7: break
        case 8, 9:
            value.arrayValue = extended(
                OTLP.ArrayValue.with { list in
                    for _ in 0..<source.integer(in: 0...3) { list.values.append(anyValue(depth: depth - 1)) }
                })
        default:
            value.kvlistValue = extended(
                OTLP.KeyValueList.with { list in
                    for _ in 0..<source.integer(in: 0...3) { list.values.append(keyValue(depth: depth - 1)) }
                })
        }
        return extended(value)
    }

    mutating func resource() -> OTLP.Resource {
        var resource = OTLP.Resource()
        resource.attributes = attributes()
        resource.droppedAttributesCount = sparse()
        if source.once(in: 4) { resource.entityRefs = [entityRef(), entityRef()] }
        return extended(resource)
    }

    private mutating func entityRef() -> OTLP.EntityRef {
        var reference = OTLP.EntityRef()
        reference.schemaURL = source.text()
        reference.type = source.text()
        reference.idKeys = (0..<source.integer(in: 0...2)).map { _ in source.text() }
        reference.descriptionKeys = (0..<source.integer(in: 0...2)).map { _ in source.text() }
        return extended(reference)
    }

    mutating func scope() -> OTLP.Scope {
        var scope = OTLP.Scope()
        scope.name = source.text()
        scope.version = source.text()
        if source.once(in: 3) { scope.attributes = attributes() }
        scope.droppedAttributesCount = sparse()
        return extended(scope)
    }

    /// A number that is zero, and so absent, most of the time.
    mutating func sparse<Number: FixedWidthInteger>() -> Number { source.once(in: 4) ? source.any() : 0 }

    /// `message` with unknown fields added, when that was asked for.
    mutating func extended<M: SwiftProtobuf.Message>(_ message: M) -> M {
        guard unknownFields, source.once(in: 3) else { return message }
        var message = message
        // Fields 1000 to 1003 in this order: a varint, 8 bytes, a length and its bytes, 4 bytes.
        let fields: [[UInt8]] = [
            [0xC0, 0x3E, 0x96, 0x01], [0xC9, 0x3E, 1, 2, 3, 4, 5, 6, 7, 8],
            [0xD2, 0x3E, 0x03, 0xFF, 0xFE, 0x00], [0xDD, 0x3E, 9, 8, 7, 6],
        ]
        try? message.merge(serializedBytes: source.one(of: fields))
        return message
    }
}
