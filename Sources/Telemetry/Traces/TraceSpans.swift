internal import Glibc
internal import Wire

/// The spans of one trace, in the order in which they came, read where they are.
public struct TraceSpans: Sendable {
    public private(set) var portions: [SpanPortion]
    public private(set) var spanCount = 0
    /// Bytes that `batch()` has.
    public private(set) var byteCount = 0

    public init(_ portions: [SpanPortion] = []) {
        self.portions = []
        for portion in portions { append(portion) }
    }

    /// Adds spans of the same trace.
    public mutating func append(_ portion: SpanPortion) {
        portions.append(portion)
        spanCount += portion.spanCount
        byteCount += portion.byteCount
    }

    /// The id of the trace.
    public var id: TraceID { portions.first?.id ?? TraceID(high: 0, low: 0) }

    /// A batch with these spans and nothing else, a chunk for each portion; those that are all of the chunk
    /// that they came in are not copied.
    public func batch() -> Batch {
        var batch = Batch(signal: .traces)
        for portion in portions {
            var selection = SpanSelection(portion)
            batch.append(selection.batch())
        }
        return batch
    }

    // MARK: - What the spans say

    /// Nanoseconds from the earliest start of a span to the latest end of one; 0 when that is not positive.
    ///
    /// Spans that do not say when they started count with their ends only.
    public var duration: UInt64 {
        var (start, end) = (UInt64.max, UInt64(0))
        forEachPlace { place in
            if place.facts.startTime > 0 { start = min(start, place.facts.startTime) }
            end = max(end, place.facts.endTime)
            return true
        }
        return end > start ? end - start : 0
    }

    /// Whether a span ended with a status: 0 unset, 1 ok, 2 error.
    public func contains(status: Int) -> Bool { containsPlace { $0.facts.status == Int32(status) } }

    /// Whether a span has the flag `sampled` of W3C Trace Context.
    public var containsSampledFlag: Bool { containsPlace { $0.facts.flags & 1 != 0 } }

    /// Whether the tracestate of a span, as text, is such that `test` holds; spans without one are passed
    /// over.
    public func containsTraceState(where test: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        containsSpan { base, place in
            var fields = FieldWalker(base, Int(place.body), Int(place.end))
            var found = false
            while fields.next() {
                guard fields.number == 3, fields.isLengthDelimited else { continue }
                found = test(
                    UnsafeRawBufferPointer(start: base + fields.valueStart, count: fields.value.count))
            }
            return found
        }
    }

    /// Whether a resource or a span has an attribute `key` with a value for which `test` holds; of several
    /// attributes with the same key the first counts.
    public func containsAttribute(
        _ key: AttributeKey, where test: (_ value: LentValue, _ isOfResource: Bool) -> Bool
    ) -> Bool {
        for portion in portions {
            let index = portion.index
            let found = index.bytes.withUnsafeBytes { memory in
                guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return false }
                var (found, resource) = (false, Int32(-1))
                portion.forEachPlace { place in
                    let group = index.scopes[Int(place.scope)].resource
                    if group != resource {
                        resource = group
                        let message = index.resources[Int(group)].message
                        found = Self.lend(key, base, message, field: 1) { test($0, true) }
                    }
                    if !found {
                        let body = Int(place.body)..<Int(place.end)
                        found = Self.lend(key, base, body, field: 9) { test($0, false) }
                    }
                    return !found
                }
                return found
            }
            if found { return true }
        }
        return false
    }

    /// What `test` says of the first attribute `key` of a message; `false` when it has none.
    private static func lend(
        _ key: AttributeKey, _ base: UnsafePointer<UInt8>, _ message: Range<Int>, field number: Int,
        _ test: (LentValue) -> Bool
    ) -> Bool {
        let size = key.utf8.count
        var fields = FieldWalker(base, message.lowerBound, message.upperBound)
        while fields.next() {
            guard fields.number == number, fields.isLengthDelimited, fields.value.count >= size else {
                continue
            }
            var (name, value) = (0..<0, 0..<0)
            var parts = FieldWalker(base, fields.valueStart, fields.position)
            while parts.next() {
                if parts.number == 1 { name = parts.value }
                if parts.number == 2 { value = parts.value }
            }
            guard name.count == size else { continue }
            let isSame = key.utf8.withUnsafeBufferPointer { wanted in
                name.isEmpty || memcmp(base + name.lowerBound, wanted.baseAddress ?? base, size) == 0
            }
            guard isSame else { continue }
            return test(LentValue(UnsafeRawBufferPointer(start: base + value.lowerBound, count: value.count)))
        }
        return false
    }

    private func containsPlace(where test: (SpanIndex.Place) -> Bool) -> Bool {
        var found = false
        forEachPlace { place in
            found = test(place)
            return !found
        }
        return found
    }

    private func containsSpan(where test: (UnsafePointer<UInt8>, SpanIndex.Place) -> Bool) -> Bool {
        for portion in portions {
            let found = portion.index.bytes.withUnsafeBytes { memory in
                guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return false }
                var found = false
                portion.forEachPlace { place in
                    found = test(base, place)
                    return !found
                }
                return found
            }
            if found { return true }
        }
        return false
    }

    private func forEachPlace(_ body: (SpanIndex.Place) -> Bool) {
        for portion in portions {
            var goesOn = true
            portion.forEachPlace { place in
                goesOn = body(place)
                return goesOn
            }
            if !goesOn { return }
        }
    }
}
