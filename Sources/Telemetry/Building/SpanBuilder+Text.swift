public import Wire

/// What receivers of formats of text write: names and values as they stand in what was received.
///
/// Text that is not UTF-8 is written with U+FFFD in place of what is not.
extension SpanBuilder {
    /// Writes the 16 bytes of the id, unless all are zero, which is none.
    public func traceID(_ id: TraceID) { output.write(id, 1) }
    /// Writes the 8 bytes of the id, the highest first, unless all are zero, which is none.
    public func spanID(_ id: UInt64) { output.write(spanID: id, 2) }
    /// Writes the 8 bytes of the id, the highest first, unless all are zero, which is none.
    public func parentSpanID(_ id: UInt64) { output.write(spanID: id, 4) }
    public func traceState(_ text: Bytes) { output.write(text: text, 3) }
    public func name(_ name: Bytes) { output.write(text: name, 5) }

    /// Writes an attribute.
    public func attribute(_ key: Bytes, _ body: (ValueBuilder) -> Void) {
        output.write(key: key, 9, depth: 0, body)
    }

    /// Writes an event with its attributes.
    public func event(
        _ name: Bytes, time: UInt64, droppedAttributes: UInt32 = 0,
        _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        output.nested(11) {
            if time > 0 { output.writer.write(fixed64: time, 1) }
            output.write(text: name, 2)
            attributes(AttributesBuilder(output: output, number: 3))
            if droppedAttributes > 0 { output.writer.write(varint: UInt64(droppedAttributes), 4) }
        }
    }

    /// Writes a link with its attributes.
    public func link(
        _ traceID: TraceID, _ spanID: UInt64, traceState: Bytes, droppedAttributes: UInt32,
        _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        output.nested(13) {
            output.write(traceID, 1)
            output.write(spanID: spanID, 2)
            output.write(text: traceState, 3)
            attributes(AttributesBuilder(output: output, number: 4))
            if droppedAttributes > 0 { output.writer.write(varint: UInt64(droppedAttributes), 5) }
        }
    }

    /// Writes how the span ended: 0 unset, 1 ok, 2 error.
    ///
    /// At most once.
    public func status(_ code: Int, message: Bytes) {
        output.nested(15) {
            output.write(text: message, 2)
            if code != 0 { output.writer.write(signed: Int64(code), 3) }
        }
    }
}

extension AttributesBuilder {
    /// Writes one attribute.
    public func attribute(_ key: Bytes, _ body: (ValueBuilder) -> Void) {
        output.write(key: key, number, depth: 0, body)
    }
}

extension BuilderOutput {
    fileprivate func write(_ id: TraceID, _ number: Int) {
        guard id.high != 0 || id.low != 0 else { return }
        writer.writeTag(number, .lengthDelimited)
        writer.writeVarint(16)
        writer.writeFixed64(id.high.byteSwapped)
        writer.writeFixed64(id.low.byteSwapped)
    }

    fileprivate func write(spanID id: UInt64, _ number: Int) {
        guard id != 0 else { return }
        writer.writeTag(number, .lengthDelimited)
        writer.writeVarint(8)
        writer.writeFixed64(id.byteSwapped)
    }

    fileprivate func write(text: Bytes, _ number: Int) {
        if !text.isEmpty { writer.write(text: text, number) }
    }
}
