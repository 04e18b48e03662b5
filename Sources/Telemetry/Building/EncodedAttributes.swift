public import Wire

/// A list of attributes that is encoded once and written often, into whatever message.
///
/// Equal bytes are equal attributes in the same order, so that such lists also serve as keys.
public struct EncodedAttributes: Sendable, Hashable {
    /// Each KeyValue after its length, without a tag: that is another one in every message.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Takes what `append` has written, or a part of it that begins and ends between attributes.
    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// How many bytes there are.
    public var byteCount: Int { bytes.count }
    public var isEmpty: Bool { bytes.isEmpty }

    /// Forgets everything and keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Forgets what was added after there were so many bytes; nothing when there are no more.
    public mutating func truncate(to byteCount: Int) {
        if byteCount < bytes.count { bytes.removeLast(bytes.count - max(byteCount, 0)) }
    }

    /// Adds all attributes of another list.
    public mutating func append(_ other: EncodedAttributes) { bytes.append(contentsOf: other.bytes) }

    /// Adds an attribute, whatever it holds.
    public mutating func append(_ key: AttributeKey, _ value: AttributeValue) {
        let encoded = EncodedAttribute(key, value).message
        varint(UInt64(encoded.count))
        encoded.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Adds an attribute with a value that is lent.
    public mutating func append(_ key: AttributeKey, _ value: LentValue) {
        key.utf8.withUnsafeBytes { append(key: $0, value) }
    }

    /// Adds an attribute whose key, valid UTF-8, and value are lent.
    public mutating func append(key: UnsafeRawBufferPointer, _ value: LentValue) {
        begin(key, value: value.memory.count)
        bytes.append(contentsOf: value.memory)
    }

    /// Adds an attribute that is a text, valid UTF-8.
    public mutating func append(_ key: AttributeKey, text: UnsafeRawBufferPointer) {
        let size = 1 + Writer.varintSize(UInt64(text.count)) + text.count
        key.utf8.withUnsafeBytes { begin($0, value: size) }
        // The field string_value of AnyValue.
        bytes.append(0x0A)
        varint(UInt64(text.count))
        bytes.append(contentsOf: text)
    }

    /// Adds an attribute that is a text; what is not UTF-8 in either is replaced with U+FFFD.
    public mutating func append(key: Bytes, text: Bytes) {
        let (key, text) = (Self.valid(key), Self.valid(text))
        let size = 1 + Writer.varintSize(UInt64(text.count)) + text.count
        key.withUnsafeBytes { begin($0, value: size) }
        bytes.append(0x0A)
        varint(UInt64(text.count))
        text.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    private static func valid(_ text: Bytes) -> Bytes {
        text.withUnsafeBytes { UTF8Check.firstInvalid($0) } == nil ? text : Bytes(utf8: text.string)
    }

    /// Writes everything up to the content of the value.
    private mutating func begin(_ key: UnsafeRawBufferPointer, value: Int) {
        let keySize = 1 + Writer.varintSize(UInt64(key.count)) + key.count
        varint(UInt64(keySize + 1 + Writer.varintSize(UInt64(value)) + value))
        // The fields key and value of KeyValue.
        bytes.append(0x0A)
        varint(UInt64(key.count))
        bytes.append(contentsOf: key)
        bytes.append(0x12)
        varint(UInt64(value))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Lends the attributes one after another, each with its length before it.
    public func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { memory in
            var start = 0
            while start < memory.count {
                var (position, length, shift) = (start, 0, 0)
                while position < memory.count, shift < 63 {
                    let byte = memory[position]
                    position += 1
                    length |= Int(byte & 0x7F) << shift
                    shift += 7
                    if byte < 0x80 { break }
                }
                let end = min(position + length, memory.count)
                body(UnsafeRawBufferPointer(rebasing: memory[start..<end]))
                start = end
            }
        }
    }
}

extension Writer {
    /// Writes a list of attributes in field `number`.
    mutating func write(_ attributes: EncodedAttributes, _ number: Int) {
        attributes.forEach { attribute in
            writeTag(number, .lengthDelimited)
            write(raw: attribute)
        }
    }
}

extension AttributesBuilder {
    /// Writes a list of attributes.
    public func attributes(_ list: EncodedAttributes) { output.writer.write(list, number) }
}

extension NumberPointBuilder {
    /// Writes a list of attributes.
    public func attributes(_ list: EncodedAttributes) { output.writer.write(list, 7) }
}

extension HistogramPointBuilder {
    /// Writes a list of attributes.
    public func attributes(_ list: EncodedAttributes) { output.writer.write(list, 9) }
}

extension ExponentialHistogramPointBuilder {
    /// Writes a list of attributes.
    public func attributes(_ list: EncodedAttributes) { output.writer.write(list, 1) }
}

extension SummaryPointBuilder {
    /// Writes a list of attributes.
    public func attributes(_ list: EncodedAttributes) { output.writer.write(list, 7) }
}
