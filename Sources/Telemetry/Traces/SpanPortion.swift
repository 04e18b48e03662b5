internal import Wire

/// The spans of one trace that came in one chunk.
public struct SpanPortion: Sendable {
    public let id: TraceID
    /// How many spans.
    public let spanCount: Int
    /// Bytes that they take as an export request of their own, with their resources and scopes.
    public let byteCount: Int
    /// Whether one of them has no parent.
    public let hasRoot: Bool
    let index: SpanIndex
    let first: Int32

    init(index: SpanIndex, trace: SpanIndex.Trace) {
        self.index = index
        id = trace.id
        spanCount = Int(trace.count)
        hasRoot = trace.hasRoot
        first = trace.first
        byteCount = Self.size(index, trace.first)
    }

    /// Where the spans stand among all of the chunk, counted from 0, in order.
    public func forEachOrdinal(_ body: (Int) -> Void) {
        var position = first
        while position >= 0 {
            body(Int(position))
            position = index.places[Int(position)].next
        }
    }

    /// Calls `body` with each span in order, until it returns `false`.
    @inline(__always)
    func forEachPlace(_ body: (SpanIndex.Place) -> Bool) {
        var position = first
        while position >= 0 {
            let place = index.places[Int(position)]
            guard body(place) else { return }
            position = place.next
        }
    }

    /// The sizes of a scope and of a resource while spans are added to them.
    private struct Sizes {
        var resource: Int32 = -1
        var scope: Int32 = -1
        var resourceBody = 0
        var scopeBody = 0
        var total = 0

        mutating func endScope() {
            if scope >= 0 { resourceBody += SpanPortion.fieldSize(scopeBody) }
            scope = -1
        }

        mutating func endResource() {
            endScope()
            if resource >= 0 { total += SpanPortion.fieldSize(resourceBody) }
            resource = -1
        }
    }

    private static func size(_ index: SpanIndex, _ first: Int32) -> Int {
        var sizes = Sizes()
        var position = first
        while position >= 0 {
            let place = index.places[Int(position)]
            if place.scope != sizes.scope {
                let scope = index.scopes[Int(place.scope)]
                sizes.endScope()
                if scope.resource != sizes.resource {
                    sizes.endResource()
                    sizes.resource = scope.resource
                    sizes.resourceBody = index.resources[Int(scope.resource)].headerSize
                }
                sizes.scope = place.scope
                sizes.scopeBody = scope.headerSize
            }
            sizes.scopeBody += Int(place.end - place.start)
            position = place.next
        }
        sizes.endResource()
        return sizes.total
    }

    /// Bytes of a message with its tag and length.
    static func fieldSize(_ body: Int) -> Int {
        1 + Writer.varintSize(UInt64(body)) + body
    }
}
