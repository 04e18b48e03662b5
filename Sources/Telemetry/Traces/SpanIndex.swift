internal import Wire

/// Where the spans of one chunk are and which traces they belong to; nothing is copied.
///
/// It is made in one walk and keeps the memory of the chunk alive. A chunk that is a small part of the memory
/// that it came in is copied instead, so that no more is kept than is held.
public final class SpanIndex: Sendable {
    /// One span: where it is, and what is looked at most.
    struct Place {
        /// Where its field begins in the chunk, where its message begins, and where both end.
        let start: Int32
        let body: Int32
        let end: Int32
        /// The scope that it is in.
        let scope: Int32
        /// The next span of the same trace; -1 when there is none.
        var next: Int32 = -1
        var facts = Facts()
    }

    /// What a span says about itself, beside its attributes.
    struct Facts {
        var startTime: UInt64 = 0
        var endTime: UInt64 = 0
        var status: Int32 = 0
        var flags: UInt8 = 0
        var isRoot = true
    }

    /// A resource or a scope: its fields other than what is in it, as a part of `headers`.
    struct Group {
        var headers = 0..<0
        var headerSize = 0
        /// Where the message of the resource is.
        var message = 0..<0
        /// The resource that a scope is in.
        var resource: Int32 = 0
    }

    let bytes: Bytes
    let places: [Place]
    let scopes: [Group]
    let resources: [Group]
    let headers: [Range<Int>]
    /// The traces in the order in which their first spans stand in the chunk.
    let traces: [Trace]

    /// The spans of one trace in the chunk.
    struct Trace {
        let id: TraceID
        let first: Int32
        var last: Int32
        var count: Int32 = 1
        var hasRoot: Bool
    }

    /// Bytes that a chunk may have, since places in it are numbers of 32 bits.
    public static let largestChunk = Int(Int32.max)

    /// Finds the spans of a chunk of traces, of at most `largestChunk` bytes.
    public init(of chunk: Batch.Chunk) {
        precondition(chunk.bytes.count <= Self.largestChunk, "a chunk is too large for an index")
        bytes = chunk.bytes.trimmed
        let builder = SpanIndexBuilder(bytes, spanCount: chunk.itemCount)
        places = builder.places
        scopes = builder.scopes
        resources = builder.resources
        headers = builder.headers
        traces = builder.traces
    }

    /// What objects and tables take that have nothing in them.
    private static let overhead = 384

    /// Bytes of memory that it keeps: those of the chunk and its own, with what its tables have grown by
    /// beyond what is in them.
    public var memory: Int {
        let tables =
            places.capacity * MemoryLayout<Place>.stride + traces.capacity * MemoryLayout<Trace>.stride
            + (scopes.capacity + resources.capacity) * MemoryLayout<Group>.stride + headers.capacity
            * MemoryLayout<Range<Int>>.stride
        return Self.overhead + bytes.keptMemory + tables
    }

    /// How many spans there are.
    public var spanCount: Int { places.count }

    /// How many traces they belong to.
    public var traceCount: Int { traces.count }

    /// The part of each trace that is in the chunk, in the order of the first spans.
    public var portions: [SpanPortion] {
        traces.map { SpanPortion(index: self, trace: $0) }
    }
}

/// Makes a `SpanIndex`.
private struct SpanIndexBuilder {
    var places: [SpanIndex.Place] = []
    var scopes: [SpanIndex.Group] = []
    var resources: [SpanIndex.Group] = []
    var headers: [Range<Int>] = []
    var traces: [SpanIndex.Trace] = []
    private var numbers: [TraceID: Int] = [:]
    /// The trace of the span before, since spans of a trace often stand together.
    private var latest: Int?

    init(_ bytes: Bytes, spanCount: Int) {
        places.reserveCapacity(spanCount)
        bytes.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return }
            var fields = FieldWalker(base, 0, memory.count)
            while fields.next() {
                if fields.isLengthDelimited, fields.number == 1 { addResource(base, fields.value) }
            }
        }
    }

    private mutating func addResource(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) {
        let number = resources.count
        resources.append(group(base, range))
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            guard fields.isLengthDelimited, fields.number == 2 else { continue }
            var scope = group(base, fields.value)
            scope.resource = Int32(truncatingIfNeeded: number)
            scopes.append(scope)
            var spans = FieldWalker(base, fields.valueStart, fields.position)
            while spans.next() {
                if spans.isLengthDelimited, spans.number == 2 { addSpan(base, spans) }
            }
        }
    }

    /// The fields of a resource or scope that are not those of its children.
    private mutating func group(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> SpanIndex.Group {
        var group = SpanIndex.Group()
        let first = headers.count
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            if fields.isLengthDelimited, fields.number == 2 { continue }
            if fields.isLengthDelimited, fields.number == 1 { group.message = fields.value }
            if headers.count > first, headers[headers.count - 1].upperBound == fields.start {
                headers[headers.count - 1] = headers[headers.count - 1].lowerBound..<fields.position
            } else {
                headers.append(fields.start..<fields.position)
            }
            group.headerSize += fields.position - fields.start
        }
        group.headers = first..<headers.count
        return group
    }

    private mutating func addSpan(_ base: UnsafePointer<UInt8>, _ field: FieldWalker) {
        var place = SpanIndex.Place(
            start: Int32(truncatingIfNeeded: field.start),
            body: Int32(truncatingIfNeeded: field.valueStart),
            end: Int32(truncatingIfNeeded: field.position),
            scope: Int32(truncatingIfNeeded: scopes.count - 1))
        let id = Self.read(base, field.value, into: &place.facts)
        let position = Int32(truncatingIfNeeded: places.count)
        places.append(place)
        let number = latest.flatMap { traces[$0].id == id ? $0 : nil } ?? numbers[id]
        guard let number else {
            numbers[id] = traces.count
            latest = traces.count
            traces.append(.init(id: id, first: position, last: position, hasRoot: place.facts.isRoot))
            return
        }
        latest = number
        places[Int(traces[number].last)].next = position
        traces[number].last = position
        traces[number].count += 1
        if place.facts.isRoot { traces[number].hasRoot = true }
    }

    private static func read(
        _ base: UnsafePointer<UInt8>, _ range: Range<Int>, into facts: inout SpanIndex.Facts
    ) -> TraceID {
        var id = TraceID(high: 0, low: 0)
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            switch fields.number {
            case 1:
                id = TraceID(
                    UnsafeRawBufferPointer(start: base + fields.valueStart, count: fields.value.count))
            case 4: facts.isRoot = fields.value.allSatisfy { base[$0] == 0 }
            case 7 where fields.wire == 1: facts.startTime = word(base + fields.valueStart)
            case 8 where fields.wire == 1: facts.endTime = word(base + fields.valueStart)
            case 15: facts.status = status(base, fields.value)
            case 16: facts.flags = UInt8(truncatingIfNeeded: fields.bits)
            default: break
            }
        }
        return id
    }

    private static func word(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
    }

    private static func status(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> Int32 {
        var code: UInt64 = 0
        var fields = FieldWalker(base, range.lowerBound, range.upperBound)
        while fields.next() {
            if fields.number == 3 { code = fields.bits }
        }
        return Int32(truncatingIfNeeded: code)
    }
}
