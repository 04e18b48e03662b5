internal import Telemetry
internal import Wire

/// A node of the service graph, as a span names it.
struct ZipkinEndpoint {
    var serviceName = Bytes.empty
    /// Addresses as text, whether they are addresses or not.
    var ipv4 = Bytes.empty
    var ipv6 = Bytes.empty
    /// 0 is none.
    var port: UInt16 = 0
}

/// Something that happened at a time.
struct ZipkinAnnotation {
    /// Microseconds since 1970; 0 is none.
    var time: UInt64 = 0
    var value = Bytes.empty
    /// Only spans of version 1 have it.
    var endpoint: ZipkinEndpoint?
}

/// What spans of both versions have in common.
struct ZipkinIdentity {
    var traceID = TraceID(high: 0, low: 0)
    var id: UInt64 = 0
    /// 0 is none.
    var parentID: UInt64 = 0
    var name = Bytes.empty
    /// Microseconds since 1970; 0 is none.
    var time: UInt64 = 0
    /// Microseconds.
    var duration: UInt64 = 0

    /// The largest number of microseconds that is a number of nanoseconds.
    static let timeLimit = UInt64.max / 1000

    /// The most annotations of a span, the most binary annotations and the most tags: a part takes much more
    /// memory than it may have bytes.
    static let partLimit = 1 << 18
    static let tooManyParts = "there are more than \(partLimit) in one span"

    /// What makes a span useless; `nil` when nothing does.
    var problem: String? {
        if traceID.high == 0, traceID.low == 0 { return "traceId is missing, or all zeroes" }
        if id == 0 { return "id is missing, or all zeroes" }
        let (end, overflow) = time.addingReportingOverflow(duration)
        return overflow || end > Self.timeLimit ? "timestamp and duration go beyond the year 2554" : nil
    }
}

/// A span of version 2.
struct ZipkinSpan {
    var identity = ZipkinIdentity()
    /// As in the protobuf of Zipkin: 1 client, 2 server, 3 producer, 4 consumer; 0 is none.
    var kind = 0
    var local: ZipkinEndpoint?
    var remote: ZipkinEndpoint?
    var annotations: [ZipkinAnnotation] = []
    var tags = ZipkinTags()

    /// Forgets everything and keeps the memory.
    mutating func reset() {
        identity = ZipkinIdentity()
        kind = 0
        (local, remote) = (nil, nil)
        annotations.removeAll(keepingCapacity: true)
        tags.removeAll()
    }
}

/// A span of version 1.
struct ZipkinSpanV1 {
    /// A fact about the span, or the address of the other side.
    struct BinaryAnnotation {
        var key = Bytes.empty
        var value = Bytes.empty
        /// Whether the value is `true`, as it is where only the endpoint matters.
        var isTrue = false
        /// Whether the value is the text of a number or boolean that came as such.
        var isTyped = false
        var endpoint: ZipkinEndpoint?
    }

    var identity = ZipkinIdentity()
    var annotations: [ZipkinAnnotation] = []
    var binaryAnnotations: [BinaryAnnotation] = []

    /// Forgets everything and keeps the memory.
    mutating func reset() {
        identity = ZipkinIdentity()
        annotations.removeAll(keepingCapacity: true)
        binaryAnnotations.removeAll(keepingCapacity: true)
    }
}
