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
    private var record = ForwardRecord()
    private var done: [ForwardEntries] = []

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
            let attributes = group.resource.attributes
            let resource =
                attributes.first == nil ? nil : Self.encoded { Self.write(map: attributes, to: &$0) }
            for scope in group.scopes {
                var surroundings: [(field: ForwardRecord.Field, value: Bytes)] = []
                if let resource { surroundings.append((.resource, resource)) }
                if let scope = Self.field(of: scope.scope) { surroundings.append((.scope, scope)) }
                let fields = surroundings.map { $0.field }
                for view in scope.records {
                    record.read(view, surroundings: fields)
                    add(surroundings)
                }
            }
        }
        done += buffers.filter { $0.byteCount > 0 }.map { $0.take() }
        return done
    }

    /// Adds the record that was read.
    private mutating func add(_ surroundings: [(field: ForwardRecord.Field, value: Bytes)]) {
        let buffer = buffer(for: record.tag?.string ?? tag)
        let own = ForwardRecord.Field.allCases.reduce(0) { $0 + (record.has($1) ? 1 : 0) }
        buffer.add { writer in
            writer.beginArray(2)
            writer.write(extended: EventTime.type, EventTime.data(nanoseconds: record.anyTime ?? now))
            writer.beginMap(record.attributes.count + own + surroundings.count)
            for pair in record.attributes {
                writer.write(utf8: pair.key)
                Self.write(pair.value, to: &writer)
            }
            for field in ForwardRecord.Field.allCases where record.has(field) { write(field, to: &writer) }
            for (field, value) in surroundings {
                writer.write(field.name)
                writer.write(raw: value)
            }
        }
        if buffer.byteCount >= limit { done.append(buffer.take()) }
    }

    private func write(_ field: ForwardRecord.Field, to writer: inout MessagePackWriter) {
        writer.write(field.name)
        switch field {
        case .message: if let body = record.body { Self.write(body, to: &writer) }
        case .severityNumber: writer.write(record.severityNumber)
        case .severityText: writer.write(utf8: record.severityText)
        case .eventName: writer.write(utf8: record.eventName)
        case .traceID: writer.write(hexadecimal: record.traceID)
        case .spanID: writer.write(hexadecimal: record.spanID)
        case .resource, .scope: break
        }
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

    private static func write(map pairs: Messages<KeyValueView>, to writer: inout MessagePackWriter) {
        writer.beginMap(pairs.count)
        for pair in pairs {
            writer.write(utf8: pair.message.data(1))
            write(pair.message.data(2), to: &writer)
        }
    }

    /// Writes an AnyValue; of several fields the last counts.
    private static func write(_ value: Bytes, to writer: inout MessagePackWriter) {
        var last: WireMessage.Field?
        for field in WireMessage(value).fields where field.number <= 8 { last = field }
        guard let last else { return writer.null() }
        let content = value[last.value]
        switch last.number {
        case 1: writer.write(utf8: content)
        case 2: writer.write(last.bits != 0)
        case 3: writer.write(Int64(bitPattern: last.bits))
        case 4: writer.write(Double(bitPattern: last.bits))
        case 5:
            let values = WireMessage(content).messages(1, as: AnyValueView.self)
            writer.beginArray(values.count)
            for value in values { write(value.message.bytes, to: &writer) }
        case 6: write(map: WireMessage(content).messages(1), to: &writer)
        case 7: writer.write(binary: content)
        // An index into the table of strings of a profile, which logs do not have.
        default: writer.null()
        }
    }
}
