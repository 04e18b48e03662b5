internal import Telemetry
internal import Wire

/// The value of a tag; text and bytes are ranges of the message.
enum JaegerValue {
    case text(Range<Int>)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case binary(Range<Int>)
    /// A type that does not exist, as otelcol names it.
    case unknown(String)

    /// The text of a tag that is text.
    var text: Range<Int>? {
        if case .text(let range) = self { range } else { nil }
    }

    func write(_ bytes: Bytes, to value: ValueBuilder) {
        switch self {
        case .text(let range): value.text(bytes[range])
        case .bool(let bool): value.bool(bool)
        case .int(let int): value.int(int)
        case .double(let double): value.double(double)
        case .binary(let range): value.bytes(bytes[range])
        case .unknown(let type): value.text("<Unknown Jaeger TagType \"\(type)\">")
        }
    }
}

/// A key, which is a range of the message, and its value.
struct JaegerTag {
    let key: Range<Int>
    var value: JaegerValue
}

/// Tags in groups: those of a span, or of its events one after another.
///
/// Of equal keys in a group the last value counts, at the place of the first, as in otelcol.
struct JaegerTags {
    private(set) var all: [JaegerTag] = []
    /// Where the group begins that is being filled.
    private(set) var start = 0
    private var known: [[UInt8]: Int] = [:]

    /// Up to so many keys, comparing with all is quicker than hashing.
    private static let threshold = 16

    var count: Int { all.count }

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        all.removeAll(keepingCapacity: true)
        beginGroup()
    }

    /// Begins the next group.
    mutating func beginGroup() {
        start = all.count
        if !known.isEmpty { known.removeAll(keepingCapacity: true) }
    }

    /// Adds a tag to the group, or replaces the value of the one with that key.
    mutating func add(_ tag: JaegerTag, of bytes: Bytes) {
        if let index = index(of: tag.key, in: bytes) {
            all[index].value = tag.value
        } else {
            all.append(tag)
        }
    }

    /// Where a key of the group is; a new one is remembered, since it is added now.
    private mutating func index(of key: Range<Int>, in bytes: Bytes) -> Int? {
        guard all.count - start >= Self.threshold else {
            return all[start...].firstIndex { bytes.hasEqual($0.key, key) }
        }
        if known.isEmpty { for index in start..<all.count { known[bytes[all[index].key].array] = index } }
        let key = bytes[key].array
        if let index = known[key] { return index }
        known[key] = all.count
        return nil
    }
}

extension Bytes {
    /// Whether two ranges have the same bytes.
    func hasEqual(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count where self[left.lowerBound + offset] != self[right.lowerBound + offset] {
            return false
        }
        return true
    }

    /// Whether a range has the bytes of `text`.
    func hasEqual(_ range: Range<Int>, _ text: [UInt8]) -> Bool {
        guard range.count == text.count else { return false }
        for offset in 0..<text.count where self[range.lowerBound + offset] != text[offset] { return false }
        return true
    }
}
