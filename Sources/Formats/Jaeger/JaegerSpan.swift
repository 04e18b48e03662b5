internal import Telemetry
internal import Wire

/// One span of a message while it is translated: used again for each, so that none costs memory of its own.
///
/// Text is ranges of the message. Times are nanoseconds since 1970, 0 for what is before.
struct JaegerSpan {
    var trace = TraceID(high: 0, low: 0)
    var id: UInt64 = 0
    /// 0 where the span names none beside its references.
    var namedParent: UInt64 = 0
    var name = 0..<0
    var isSampled = false
    var start: UInt64 = 0
    var end: UInt64 = 0
    var tags = JaegerTags()
    /// The process of this span alone.
    var process: Range<Int>?
    private(set) var references: [JaegerReference] = []
    private(set) var events: [JaegerEvent] = []
    /// The fields of all events.
    private(set) var fields = JaegerTags()
    private(set) var isOverfull = false

    /// The most tags, references, events and fields of events, together.
    static let partLimit = 1 << 18

    /// Forgets everything and keeps the memory.
    mutating func reset() {
        (trace, id, namedParent, name, isSampled) = (TraceID(high: 0, low: 0), 0, 0, 0..<0, false)
        (start, end, process, isOverfull) = (0, 0, nil, false)
        tags.removeAll()
        fields.removeAll()
        references.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
    }

    mutating func add(_ tag: JaegerTag, of bytes: Bytes) { if hasRoom() { tags.add(tag, of: bytes) } }

    mutating func add(_ reference: JaegerReference) { if hasRoom() { references.append(reference) } }

    /// Begins an event, whose fields follow.
    mutating func beginEvent() { fields.beginGroup() }

    mutating func add(field: JaegerTag, of bytes: Bytes) { if hasRoom() { fields.add(field, of: bytes) } }

    /// Ends an event that happened at `time`.
    mutating func endEvent(at time: UInt64) {
        if hasRoom() { events.append(JaegerEvent(time: time, fields: fields.start..<fields.count)) }
    }

    private mutating func hasRoom() -> Bool {
        let parts = tags.count + fields.count + references.count + events.count
        if parts >= Self.partLimit { isOverfull = true }
        return !isOverfull
    }

    /// Whether there is nothing in it, as otelcol leaves out.
    var isBlank: Bool {
        trace.high == 0 && trace.low == 0 && id == 0 && namedParent == 0 && name.isEmpty && !isSampled
            && start == 0 && end == 0 && process == nil && tags.count == 0 && references.isEmpty
            && events.isEmpty
    }

    /// The parent: the one that is named, or the first span of the same trace that this one is a child of, or
    /// the first that it follows from; 0 for none.
    var parent: UInt64 {
        guard namedParent == 0 else { return namedParent }
        var followed: UInt64?
        for reference in references where reference.trace == trace {
            switch reference.kind {
            case .childOf: return reference.id
            case .followsFrom: followed = followed ?? reference.id
            case .unknown: break
            }
        }
        return followed ?? 0
    }
}

/// A reference to another span.
struct JaegerReference {
    enum Kind {
        case childOf, followsFrom, unknown
    }

    var trace = TraceID(high: 0, low: 0)
    var id: UInt64 = 0
    var kind = Kind.childOf
}

/// An event, which Jaeger calls a log.
struct JaegerEvent {
    let time: UInt64
    /// Which fields of the span are its own.
    let fields: Range<Int>
}

/// What sent spans.
struct JaegerProcess {
    var serviceName = 0..<0
    var tags = JaegerTags()
    private(set) var isOverfull = false

    mutating func add(_ tag: JaegerTag, of bytes: Bytes) {
        guard tags.count < JaegerSpan.partLimit else {
            isOverfull = true
            return
        }
        tags.add(tag, of: bytes)
    }
}

/// Times in nanoseconds since 1970; those before it are 0, since OTLP has no others.
enum JaegerTime {
    static func nanoseconds(microseconds: Int64) -> UInt64 {
        UInt64(max(0, multiply(microseconds, 1000)))
    }

    /// A time of so many microseconds after another one.
    static func nanoseconds(microseconds: Int64, after start: Int64) -> UInt64 {
        nanoseconds(microseconds: add(start, microseconds))
    }

    /// Nanoseconds of a Timestamp or a Duration of protobuf.
    static func nanoseconds(seconds: Int64, _ rest: Int64) -> Int64 {
        add(multiply(seconds, 1_000_000_000), rest)
    }

    static func add(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? (left < 0 ? .min : .max) : sum
    }

    private static func multiply(_ value: Int64, _ factor: Int64) -> Int64 {
        let (product, isOver) = value.multipliedReportingOverflow(by: factor)
        return isOver ? (value < 0 ? .min : .max) : product
    }
}
