internal import Telemetry
internal import Wire

/// The spans of a batch, each made when it is asked for.
struct ZipkinSpans {
    enum Made {
        case span(ZipkinOutgoingSpan)
        /// It has no ids, without which nobody could take it.
        case withoutIDs
        /// It has more than may be written of one span.
        case tooLarge
    }

    private let defaultServiceName: String
    private let limit: Int
    private var groups: ArraySlice<ResourceGroup<SpanView>>
    private var scopes: Messages<ScopeGroup<SpanView>>?
    private var records: Messages<SpanView>?
    private var resource: ResourceView?
    private var scope: ScopeView?
    /// What spans have of their resource, and with their scope: made for the first span of each.
    private var ofResource: ZipkinSurroundings?
    private var ofScope: ZipkinSurroundings?

    /// - Parameters:
    ///   - batch: the traces.
    ///   - defaultServiceName: the name of services whose resource has none.
    ///   - limit: spans are too large when there are more bytes of texts in them.
    init(_ batch: Batch, defaultServiceName: String, limit: Int) {
        groups = batch.resourceSpans[...]
        self.defaultServiceName = defaultServiceName
        self.limit = limit
    }

    mutating func next() -> Made? {
        guard let record = nextRecord() else { return nil }
        guard record.message.bytes.count <= limit, let common = surroundings() else { return .tooLarge }
        var maker = ZipkinSpanMaker(record, in: common)
        guard let span = maker.make() else { return .withoutIDs }
        return .span(span)
    }

    private mutating func nextRecord() -> SpanView? {
        while true {
            if let record = records?.next() { return record }
            if let group = scopes?.next() {
                (scope, records, ofScope) = (group.scope, group.records, nil)
            } else if let group = groups.popFirst() {
                (resource, scopes, ofResource) = (group.resource, group.scopes, nil)
            } else {
                return nil
            }
        }
    }

    /// What all spans of the scope have in common; `nil` when that alone is too large.
    private mutating func surroundings() -> ZipkinSurroundings? {
        guard let resource, let scope,
            resource.message.bytes.count <= limit, scope.message.bytes.count <= limit
        else { return nil }
        let outer = ofResource ?? ZipkinSurroundings(resource, defaultServiceName: defaultServiceName)
        ofResource = outer
        guard outer.byteCount <= limit else { return nil }
        let inner = ofScope ?? outer.inside(scope)
        ofScope = inner
        return inner.byteCount <= limit ? inner : nil
    }
}
