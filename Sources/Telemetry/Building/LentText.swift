internal import Wire

extension Writer {
    /// Writes an attribute that is a text in field `number`.
    fileprivate mutating func write(key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer, _ number: Int)
    {
        let value = 1 + Writer.varintSize(UInt64(text.count)) + text.count
        let size = 1 + Writer.varintSize(UInt64(key.count)) + key.count + 1
        writeTag(number, .lengthDelimited)
        writeVarint(UInt64(size + Writer.varintSize(UInt64(value)) + value))
        write(bytes: key, 1)
        writeTag(2, .lengthDelimited)
        writeVarint(UInt64(value))
        // The field string_value of AnyValue.
        write(bytes: text, 1)
    }
}

/// A record that takes attributes straight from the memory of whoever sent them.
public protocol LentTextBuilder {
    /// Writes one attribute that is a text; key and text have to be valid UTF-8.
    func attribute(key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer)
}

extension NumberPointBuilder: LentTextBuilder {
    public func attribute(key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer) {
        output.writer.write(key: key, text: text, 7)
    }
}

extension HistogramPointBuilder: LentTextBuilder {
    public func attribute(key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer) {
        output.writer.write(key: key, text: text, 9)
    }
}

extension ExponentialHistogramPointBuilder: LentTextBuilder {
    public func attribute(key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer) {
        output.writer.write(key: key, text: text, 1)
    }
}
