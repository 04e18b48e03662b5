public import Wire

/// Writes traces straight into the wire form of OTLP, for receivers of other formats and for tests.
///
/// Resources, scopes and spans are written in the order in which they are begun: a scope belongs to the
/// resource begun last, a span to the scope begun last. What is missing in between is begun without content.
/// Ids of the wrong length are left out.
public struct TracesBuilder: ~Copyable {
    private var groups: GroupWriter

    /// Makes room for `capacity` bytes; more is allocated when needed.
    public init(capacity: Int = 4096) { groups = GroupWriter(capacity: capacity) }

    /// Begins a resource.
    public mutating func resource(
        schemaURL: String = "", _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        groups.beginResource(schemaURL: schemaURL, attributes)
    }

    /// Begins a scope.
    public mutating func scope(
        _ name: String = "", version: String = "", schemaURL: String = "",
        _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        groups.beginScope(name: name, version: version, schemaURL: schemaURL, attributes)
    }

    /// Writes a span.
    public mutating func span(_ body: (SpanBuilder) -> Void) {
        let output = groups.output
        groups.record { body(SpanBuilder(output: output)) }
        output.items += 1
    }

    /// Bytes written so far, for a receiver that bounds its batches.
    public var byteCount: Int { groups.output.writer.count }

    /// What was written.
    public consuming func finish() -> Batch { groups.finish(.traces) }
}

/// Writes one span.
///
/// Times are nanoseconds since 1970.
public struct SpanBuilder: RecordBuilder {
    let output: BuilderOutput

    /// 16 bytes.
    public func traceID(_ id: Bytes) { output.write(id: id, 1, size: 16) }
    /// 8 bytes.
    public func spanID(_ id: Bytes) { output.write(id: id, 2, size: 8) }
    public func traceState(_ text: String) { output.write(text: text, 3) }
    /// 8 bytes.
    public func parentSpanID(_ id: Bytes) { output.write(id: id, 4, size: 8) }
    public func name(_ name: String) { output.write(text: name, 5) }
    /// SpanKind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    public func kind(_ kind: Int) { output.writer.write(signed: Int64(kind), 6) }
    public func startTime(_ time: UInt64) { output.writer.write(fixed64: time, 7) }
    public func endTime(_ time: UInt64) { output.writer.write(fixed64: time, 8) }
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 9)
    }
    public func droppedAttributes(_ count: UInt32) { output.writer.write(varint: UInt64(count), 10) }
    public func droppedEvents(_ count: UInt32) { output.writer.write(varint: UInt64(count), 12) }
    public func droppedLinks(_ count: UInt32) { output.writer.write(varint: UInt64(count), 14) }
    public func flags(_ flags: UInt32) { output.writer.write(fixed32: flags, 16) }

    /// Writes an event with its attributes.
    public func event(
        _ name: String, time: UInt64, droppedAttributes: UInt32 = 0,
        _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        output.nested(11) {
            output.writer.write(fixed64: time, 1)
            output.write(text: name, 2)
            attributes(AttributesBuilder(output: output, number: 3))
            if droppedAttributes > 0 { output.writer.write(varint: UInt64(droppedAttributes), 4) }
        }
    }

    /// Writes a link with its attributes.
    public func link(
        traceID: Bytes, spanID: Bytes, traceState: String = "", flags: UInt32 = 0,
        droppedAttributes: UInt32 = 0, _ attributes: (AttributesBuilder) -> Void = { _ in }
    ) {
        output.nested(13) {
            output.write(id: traceID, 1, size: 16)
            output.write(id: spanID, 2, size: 8)
            output.write(text: traceState, 3)
            attributes(AttributesBuilder(output: output, number: 4))
            if droppedAttributes > 0 { output.writer.write(varint: UInt64(droppedAttributes), 5) }
            if flags != 0 { output.writer.write(fixed32: flags, 6) }
        }
    }

    /// Writes how the span ended: 0 unset, 1 ok, 2 error.
    ///
    /// At most once.
    public func status(_ code: Int, message: String = "") {
        output.nested(15) {
            output.write(text: message, 2)
            output.writer.write(signed: Int64(code), 3)
        }
    }
}
