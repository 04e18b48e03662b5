internal import Formats
internal import Telemetry
internal import Wire

/// Turns log records into entries, one message for each tag or several when they are many.
///
/// It is the reverse of what the receiver does: attributes are fields of the record, the body is `message`,
/// the tag is the attribute `fluent.tag`. What the protocol has no place for has fields of its own, which go
/// before attributes of the same name: `severity_number`, `severity_text`, `trace_id` and `span_id` (in
/// hexadecimal), `event_name`, `resource` (a map of its attributes), `scope` (name and version).
struct ForwardEncoder {
    private let tag: String
    private let limit: Int
    private let now: UInt64
    private var buffers: [ForwardBuffer] = []
    private var places: [String: Int] = [:]
    private var done: [ForwardEntries] = []

    static let tagKey = "fluent.tag"

    /// - Parameters:
    ///   - tag: for records that have none.
    ///   - limit: the size of entries, in bytes, from which on a message takes no further one.
    ///   - now: nanoseconds since 1970, for records without any time.
    init(tag: String, limit: Int, now: UInt64) {
        self.tag = tag
        self.limit = limit
        self.now = now
    }

    /// The messages of a batch.
    mutating func encode(_ batch: Batch) -> [ForwardEntries] {
        for group in batch.resourceLogs {
            let resource = Array(group.resource.attributes)
            let resourceField = resource.isEmpty ? nil : Self.encoded { Self.write(map: resource, to: &$0) }
            for scope in group.scopes {
                let scopeField = Self.field(of: scope.scope)
                for record in scope.records { add(record, resource: resourceField, scope: scopeField) }
            }
        }
        done += buffers.filter { $0.byteCount > 0 }.map { $0.take() }
        return done
    }

    private mutating func add(_ record: LogRecordView, resource: Bytes?, scope: Bytes?) {
        var fields = ownFields(record)
        if let resource { fields.append(("resource", .raw(resource))) }
        if let scope { fields.append(("scope", .raw(scope))) }
        let attributes = Array(record.attributes)
        let buffer = buffer(for: attributes.last { $0.key == Self.tagKey }?.value.string ?? tag)
        let rest = attributes.filter { pair in
            pair.key != Self.tagKey && !fields.contains { $0.name == pair.key }
        }
        buffer.add { writer in
            writer.beginArray(2)
            writer.write(extended: EventTime.type, EventTime.data(nanoseconds: time(of: record)))
            writer.beginMap(fields.count + rest.count)
            for pair in rest {
                writer.write(pair.key)
                Self.write(pair.value, to: &writer)
            }
            for (name, field) in fields {
                writer.write(name)
                switch field {
                case .raw(let bytes): writer.write(raw: bytes)
                case .text(let text): writer.write(text)
                case .value(let value): Self.write(value, to: &writer)
                case .number(let number): writer.write(number)
                }
            }
        }
        if buffer.byteCount >= limit { done.append(buffer.take()) }
    }

    private enum OwnField {
        case raw(Bytes)
        case text(String)
        case value(AnyValueView)
        case number(Int64)
    }

    private func ownFields(_ record: LogRecordView) -> [(name: String, field: OwnField)] {
        var fields: [(name: String, field: OwnField)] = []
        if let body = record.body { fields.append(("message", .value(body))) }
        if record.severityNumber != 0 {
            fields.append(("severity_number", .number(Int64(record.severityNumber))))
        }
        if !record.severityText.isEmpty { fields.append(("severity_text", .text(record.severityText))) }
        if !record.eventName.isEmpty { fields.append(("event_name", .text(record.eventName))) }
        for (name, id) in [("trace_id", record.traceID), ("span_id", record.spanID)] where !id.isEmpty {
            fields.append((name, .text(Hexadecimal.text(of: id.array))))
        }
        return fields
    }

    private func time(of record: LogRecordView) -> UInt64 {
        [record.time, record.observedTime].first { $0 > 0 } ?? now
    }

    private mutating func buffer(for tag: String) -> ForwardBuffer {
        if let place = places[tag] { return buffers[place] }
        let buffer = ForwardBuffer(tag: tag)
        places[tag] = buffers.count
        buffers.append(buffer)
        return buffer
    }

    // MARK: - Values

    private static func field(of scope: ScopeView) -> Bytes? {
        let (name, version) = (scope.name, scope.version)
        let pairs = [("name", name), ("version", version)].filter { !$0.1.isEmpty }
        guard !pairs.isEmpty else { return nil }
        return encoded { writer in
            writer.beginMap(pairs.count)
            for (key, text) in pairs {
                writer.write(key)
                writer.write(text)
            }
        }
    }

    private static func encoded(_ body: (inout MessagePackWriter) -> Void) -> Bytes {
        var writer = MessagePackWriter()
        body(&writer)
        return writer.finish()
    }

    private static func write(map pairs: [KeyValueView], to writer: inout MessagePackWriter) {
        writer.beginMap(pairs.count)
        for pair in pairs {
            writer.write(pair.key)
            write(pair.value, to: &writer)
        }
    }

    private static func write(_ value: AnyValueView, to writer: inout MessagePackWriter) {
        switch value.content {
        case .empty, .stringIndex: writer.null()
        case .string(let text): writer.write(text)
        case .bool(let bool): writer.write(bool)
        case .int(let int): writer.write(int)
        case .double(let double): writer.write(double)
        case .bytes(let bytes): writer.write(binary: bytes)
        case .array(let values):
            let values = Array(values)
            writer.beginArray(values.count)
            for value in values { write(value, to: &writer) }
        case .keyValues(let pairs): write(map: Array(pairs), to: &writer)
        }
    }
}
