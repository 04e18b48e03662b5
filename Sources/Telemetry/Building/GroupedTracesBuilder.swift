public import Wire

/// A scope that is encoded once: equal bytes are the same scope.
public struct EncodedScope: Sendable, Hashable {
    /// The fields of an InstrumentationScope; none for a scope without name and version.
    let bytes: [UInt8]

    /// A scope without attributes; what is not UTF-8 is written with U+FFFD in place of it.
    public init(name: Bytes = .empty, version: Bytes = .empty) {
        guard !name.isEmpty || !version.isEmpty else {
            bytes = []
            return
        }
        var writer = Writer(capacity: name.count + version.count + 16)
        if !name.isEmpty { writer.write(text: name, 1) }
        if !version.isEmpty { writer.write(text: version, 2) }
        bytes = writer.finish().array
    }
}

/// Writes spans that come in any order, each with its resource and its scope, and brings together those that
/// have both in common.
///
/// Groups stand in the order in which the first span of each came, and so do the spans of a group.
public struct GroupedTracesBuilder: ~Copyable {
    /// So many scopes are kept apart at a time; then what there is becomes a chunk of the batch, so that
    /// groups are bounded however many resources somebody names.
    static let groupLimit = 1024

    private struct Scope {
        let scope: EncodedScope
        /// Where its spans are in `spans`; those that follow one another are one range.
        var ranges: [Range<Int>] = []
        var byteCount: Int { ranges.reduce(0) { $0 + $1.count } }

        mutating func add(_ range: Range<Int>) {
            if let last = ranges.last, last.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
    }

    private struct Resource {
        let attributes: EncodedAttributes
        var scopes: [Scope] = []
        var places: [EncodedScope: Int] = [:]
    }

    private let spans: BuilderOutput
    /// The resource of spans that name none, and where it is in `resources`.
    private var common: (attributes: EncodedAttributes, place: Int?) = (EncodedAttributes(), nil)
    private var resources: [Resource] = []
    private var places: [EncodedAttributes: Int] = [:]
    private var groups = 0
    private var chunks: [Batch.Chunk] = []
    /// Bytes of `chunks`, and of the resources and scopes that will be written around `spans`.
    private var (finished, surroundings) = (0, 0)

    /// Bytes written so far, of spans and of everything around them in all chunks; up to a few for each group
    /// of the last chunk are not counted.
    public var byteCount: Int { finished + surroundings + spans.writer.count }

    /// Makes room for `capacity` bytes of spans; more is allocated when needed.
    public init(capacity: Int = 4096) { spans = BuilderOutput(capacity: capacity) }

    /// Names the resource of the spans that follow and have none of their own, whatever comes between them:
    /// it is looked up once for each chunk, so that its size does not matter to them.
    public mutating func begin(_ resource: EncodedAttributes) { common = (resource, nil) }

    /// Writes a span of the resource that was named last.
    public mutating func span(in scope: EncodedScope, _ body: (SpanBuilder) -> Void) {
        let resource = common.place ?? place(of: common.attributes)
        common.place = resource
        write(in: resource, scope, body)
    }

    /// Writes a span of a resource of its own, all of which is looked at.
    public mutating func span(
        of resource: EncodedAttributes, in scope: EncodedScope, _ body: (SpanBuilder) -> Void
    ) {
        write(in: place(of: resource), scope, body)
    }

    private mutating func write(
        in resource: Int, _ scope: EncodedScope, _ body: (SpanBuilder) -> Void
    ) {
        let scope = place(of: scope, in: resource)
        let start = spans.writer.count
        let mark = spans.writer.begin(2, expecting: 200)
        body(SpanBuilder(output: spans))
        spans.writer.end(mark)
        spans.items += 1
        resources[resource].scopes[scope].add(start..<spans.writer.count)
        if groups >= Self.groupLimit { cut() }
    }

    /// What was written.
    public consuming func finish() -> Batch {
        cut()
        return Batch(signal: .traces, trusted: chunks)
    }

    // MARK: - Groups

    private mutating func place(of resource: EncodedAttributes) -> Int {
        // Most requests come from one resource.
        if let last = resources.last, last.attributes == resource { return resources.count - 1 }
        if let place = places[resource] { return place }
        places[resource] = resources.count
        surroundings += resource.byteCount
        resources.append(Resource(attributes: resource))
        return resources.count - 1
    }

    private mutating func place(of scope: EncodedScope, in resource: Int) -> Int {
        if let last = resources[resource].scopes.last, last.scope == scope {
            return resources[resource].scopes.count - 1
        }
        if let place = resources[resource].places[scope] { return place }
        groups += 1
        surroundings += scope.bytes.count
        resources[resource].places[scope] = resources[resource].scopes.count
        resources[resource].scopes.append(Scope(scope: scope))
        return resources[resource].scopes.count - 1
    }

    /// Makes a chunk of what there is and begins anew.
    private mutating func cut() {
        guard spans.items > 0 else { return }
        let items = spans.items
        spans.items = 0
        let bytes = spans.writer.takeBytes()
        var writer = Writer(capacity: bytes.count + 256)
        for resource in resources { Self.write(resource, bytes, to: &writer) }
        let chunk = Batch.Chunk(bytes: writer.finish(), itemCount: items)
        finished += chunk.bytes.count
        surroundings = 0
        chunks.append(chunk)
        common.place = nil
        resources.removeAll()
        places.removeAll()
        groups = 0
    }

    private static func write(_ resource: Resource, _ spans: Bytes, to writer: inout Writer) {
        let size = resource.scopes.reduce(resource.attributes.byteCount * 2) {
            $0 + $1.byteCount + $1.scope.bytes.count + 16
        }
        let mark = writer.begin(1, expecting: size)
        let attributes = writer.begin(1, expecting: resource.attributes.byteCount)
        writer.write(resource.attributes, 1)
        writer.end(attributes)
        for scope in resource.scopes {
            let mark = writer.begin(2, expecting: scope.byteCount + scope.scope.bytes.count + 4)
            writer.write(bytes: scope.scope.bytes, 1)
            for range in scope.ranges { writer.write(raw: spans[range]) }
            writer.end(mark)
        }
        writer.end(mark)
    }
}
