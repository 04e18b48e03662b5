public import Wire

/// Writes logs straight into the wire form of OTLP, for receivers of other formats and for tests.
///
/// The order of resources, scopes and records is as in `TracesBuilder`.
public struct LogsBuilder: ~Copyable {
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

    /// Writes a log record.
    public mutating func record(_ body: (LogRecordBuilder) -> Void) {
        let output = groups.output
        groups.record { body(LogRecordBuilder(output: output)) }
        output.items += 1
    }

    /// Bytes written so far, for a receiver that bounds its batches.
    public var byteCount: Int { groups.output.writer.count }

    /// What was written.
    public consuming func finish() -> Batch { groups.finish(.logs) }
}

/// Writes one log record.
///
/// Times are nanoseconds since 1970.
public struct LogRecordBuilder: RecordBuilder {
    let output: BuilderOutput

    public func time(_ time: UInt64) { output.writer.write(fixed64: time, 1) }
    public func observedTime(_ time: UInt64) { output.writer.write(fixed64: time, 11) }
    /// SeverityNumber: 1 to 24.
    public func severity(_ number: Int, text: String = "") {
        output.writer.write(signed: Int64(number), 2)
        output.write(text: text, 3)
    }
    /// At most once.
    public func body(_ value: AttributeValue) { output.writer.write(value: value, 5) }
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, 6)
    }
    public func droppedAttributes(_ count: UInt32) { output.writer.write(varint: UInt64(count), 7) }
    public func flags(_ flags: UInt32) { output.writer.write(fixed32: flags, 8) }
    /// 16 bytes.
    public func traceID(_ id: Bytes) { output.write(id: id, 9, size: 16) }
    /// 8 bytes.
    public func spanID(_ id: Bytes) { output.write(id: id, 10, size: 8) }
    public func eventName(_ name: String) { output.write(text: name, 12) }
}
