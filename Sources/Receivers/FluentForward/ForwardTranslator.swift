internal import Formats
internal import Pipeline
internal import Telemetry
internal import Wire

/// Turns events into log records, as the receiver of the same name of otelcol does.
///
/// What it reads has been checked (`ForwardParser`), so what cannot be read there is not there.
struct ForwardTranslator {
    /// Once the batch has so many bytes, values are left out and `isOverfull` says so.
    var limit = Int.max
    /// Whether something was left out, so that what was written is of no use.
    private(set) var isOverfull = false
    private var pairs: [(key: Range<Int>, value: Int)] = []
    private var unique: [(key: Range<Int>, value: Int)] = []
    private var keys = KeySet()

    /// The room for pairs that is kept from record to record.
    private static let keptPairs = 1 << 10

    static let tagKey = Bytes(utf8: "fluent.tag")
    private static let metadataKey = Bytes(utf8: "fluent.metadata")
    private static let bodyKeys = [Array("message".utf8), Array("log".utf8)]

    /// Forgets that something was left out.
    mutating func reset() { isOverfull = false }

    /// Writes the event that `reader` stands before, its time first.
    ///
    /// - Parameters:
    ///   - reader: stands behind the event afterwards.
    ///   - tag: the tag of the event.
    ///   - isSingle: whether it is the only event of its message; then its own `fluent.tag` wins.
    ///   - now: nanoseconds since 1970, for events without a time.
    ///   - builder: takes the record.
    mutating func write(
        _ reader: inout MessagePackReader, tag: Bytes, isSingle: Bool, now: UInt64,
        to builder: inout LogsBuilder
    ) {
        let time = Self.time(&reader)
        let body = collect(&reader)
        builder.record { record in
            if time.nanoseconds > 0 { record.time(time.nanoseconds) } else { record.observedTime(now) }
            if let body { record.body { write(reader.bytes, at: body, to: $0) } }
            writeAttributes(
                of: reader.bytes, tag: tag, isSingle: isSingle, metadata: time.metadata, to: record)
            if record.byteCount > limit { isOverfull = true }
        }
        letGo()
    }

    /// Gives back what an unusually large record needed: a connection may live for months.
    private mutating func letGo() {
        if pairs.capacity > Self.keptPairs { pairs = [] }
        if unique.capacity > Self.keptPairs { unique = [] }
        keys.removeAll()
    }

    private mutating func writeAttributes(
        of bytes: Bytes, tag: Bytes, isSingle: Bool, metadata: Int?, to record: LogRecordBuilder
    ) {
        let isTagged = pairs.contains { Self.isEqual($0.key, Self.tagKey, bytes) }
        if !isTagged || !isSingle { record.attribute(Self.tagKey) { $0.text(tag) } }
        for pair in pairs {
            if !isSingle, Self.isEqual(pair.key, Self.tagKey, bytes) { continue }
            guard record.byteCount <= limit else { break }
            record.attribute(bytes[pair.key]) { write(bytes, at: pair.value, to: $0) }
        }
        guard let metadata, !pairs.contains(where: { Self.isEqual($0.key, Self.metadataKey, bytes) }) else {
            return
        }
        record.attribute(Self.metadataKey) { write(bytes, at: metadata, to: $0) }
    }

    /// Takes the pairs of a record, of equal keys the last one; returns where the value of the body is.
    private mutating func collect(_ reader: inout MessagePackReader) -> Int? {
        pairs.removeAll(keepingCapacity: true)
        keys.removeAll()
        guard case .map(let count)? = try? reader.next() else { return nil }
        var body: Int?
        for _ in 0..<count {
            guard let key = Self.key(&reader) else { break }
            let value = reader.position
            try? reader.skip(depth: ValueBuilder.nestingLimit)
            if Self.isBody(key, reader.bytes) { body = value } else { pairs.append((key, value)) }
        }
        let bytes = reader.bytes
        unique.removeAll(keepingCapacity: true)
        for pair in pairs.reversed() where keys.insert(pair.key, of: bytes) { unique.append(pair) }
        if unique.count < pairs.count { pairs = unique.reversed() }
        return body
    }

    // MARK: - Values

    private mutating func write(_ bytes: Bytes, at position: Int, to value: ValueBuilder) {
        var reader = MessagePackReader(bytes, in: position..<bytes.count)
        write(&reader, to: value)
    }

    private mutating func write(_ reader: inout MessagePackReader, to value: ValueBuilder) {
        guard let token = try? reader.next() else { return }
        switch token {
        case .null: break
        case .bool(let bool): value.bool(bool)
        case .int(let int): value.int(int)
        case .unsigned(let unsigned): value.text(String(unsigned))
        case .double(let double): value.double(double)
        case .string(let range), .binary(let range): value.text(reader.bytes[range])
        case .extended(let type, let range):
            let data = reader.bytes[range]
            if type == EventTime.type, let time = EventTime.nanoseconds(of: data.array) {
                value.text(CalendarTime(unixNanoseconds: time).rfc3339)
            } else {
                value.bytes(data)
            }
        case .array(let count):
            value.array { array in
                for _ in 0..<count where goesOn(value) { array.element { write(&reader, to: $0) } }
            }
        case .map(let count):
            value.map { writeEntries(count, &reader, to: $0, in: value) }
        }
    }

    private mutating func writeEntries(
        _ count: Int, _ reader: inout MessagePackReader, to map: MapBuilder, in value: ValueBuilder
    ) {
        var keys = KeySet()
        for _ in 0..<count where goesOn(value) {
            guard let key = Self.key(&reader) else { break }
            if keys.insert(key, of: reader.bytes) {
                map.entry(reader.bytes[key]) { write(&reader, to: $0) }
            } else {
                try? reader.skip(depth: ValueBuilder.nestingLimit)
            }
        }
    }

    private mutating func goesOn(_ value: ValueBuilder) -> Bool {
        if value.byteCount > limit { isOverfull = true }
        return !isOverfull
    }

    // MARK: - Keys and times

    private static func key(_ reader: inout MessagePackReader) -> Range<Int>? {
        switch try? reader.next() {
        case .string(let range), .binary(let range): range
        default: nil
        }
    }

    private static func isBody(_ key: Range<Int>, _ bytes: Bytes) -> Bool {
        bodyKeys.contains { $0.count == key.count && zip($0, key).allSatisfy { $0 == bytes[$1] } }
    }

    private static func isEqual(_ key: Range<Int>, _ other: Bytes, _ bytes: Bytes) -> Bool {
        key.count == other.count && key.enumerated().allSatisfy { other[$0] == bytes[$1] }
    }

    /// The time in nanoseconds since 1970, 0 for none, and where the metadata beside it is.
    private static func time(_ reader: inout MessagePackReader) -> (nanoseconds: UInt64, metadata: Int?) {
        guard let token = try? reader.next() else { return (0, nil) }
        guard token == .array(2) else { return (nanoseconds(token, reader.bytes), nil) }
        let time = (try? reader.next()).map { nanoseconds($0, reader.bytes) } ?? 0
        let place = reader.position
        var probe = reader
        let isEmpty = (try? probe.next()).map { $0 == .map(0) || $0 == .null } ?? true
        try? reader.skip(depth: ValueBuilder.nestingLimit)
        return (time, isEmpty ? nil : place)
    }

    private static func nanoseconds(_ token: MessagePackToken, _ bytes: Bytes) -> UInt64 {
        switch token {
        case .int(let seconds): EventTime.nanoseconds(seconds: seconds)
        case .double(let seconds): EventTime.nanoseconds(seconds: seconds)
        case .extended(_, let range): EventTime.nanoseconds(of: bytes[range].array) ?? 0
        default: 0
        }
    }
}
