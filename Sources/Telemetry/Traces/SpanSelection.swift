internal import Wire

/// Spans of one chunk, of any of its traces, that go on together: what they share is written once.
public struct SpanSelection: Sendable {
    private let index: SpanIndex
    /// Where the spans stand among all of the chunk.
    private var places: [Int32] = []

    public init(_ portion: SpanPortion) {
        index = portion.index
        add(portion)
    }

    /// Adds the spans of another trace of the same chunk.
    public mutating func add(_ portion: SpanPortion) {
        precondition(portion.index === index, "spans of different chunks are not selected together")
        let isBehind = (places.last ?? -1) < portion.first
        portion.forEachOrdinal { places.append(Int32(truncatingIfNeeded: $0)) }
        if !isBehind { isOrdered = false }
    }

    private var isOrdered = true

    /// How many spans.
    public var spanCount: Int { places.count }

    /// Puts the spans into the order in which they stand in the chunk.
    public mutating func sort() {
        guard !isOrdered else { return }
        places.sort()
        isOrdered = true
    }

    /// Where the spans stand among all of the chunk, counted from 0; in order once they are sorted.
    public var ordinals: some Sequence<Int> { places.lazy.map { Int($0) } }

    /// The spans with their resources and scopes, and nothing else.
    ///
    /// Each resource and scope stands there once. When that is all that is in the chunk, it is the chunk
    /// itself; otherwise the spans are copied.
    public mutating func batch(origin: Origin? = nil, claims: [Claim] = []) -> Batch {
        sort()
        let chunk = Batch.Chunk(bytes: encoded, itemCount: places.count)
        return Batch(signal: .traces, trusted: [chunk], origin: origin, claims: claims)
    }

    // MARK: - Writing

    /// A resource with some of the scopes, or a scope with some of the places.
    private struct Section {
        let number: Int32
        var members: Range<Int>
        /// Bytes of its message.
        var size: Int

        var fieldSize: Int { SpanPortion.fieldSize(size) }
    }

    private var encoded: Bytes {
        let scopes = self.scopes
        let resources = resources(of: scopes)
        let size = resources.reduce(0) { $0 + $1.fieldSize }
        if places.count == index.places.count, size == index.bytes.count { return index.bytes }
        var writer = Writer(capacity: size)
        index.bytes.withUnsafeBytes { memory in
            for resource in resources {
                begin(resource, 1, index.resources[Int(resource.number)], memory, &writer)
                for scope in scopes[resource.members] {
                    begin(scope, 2, index.scopes[Int(scope.number)], memory, &writer)
                    write(scope.members, memory, &writer)
                }
            }
        }
        return writer.finish()
    }

    private var scopes: [Section] {
        var result: [Section] = []
        for (position, number) in places.enumerated() {
            let place = index.places[Int(number)]
            if result.last?.number != place.scope {
                let size = index.scopes[Int(place.scope)].headerSize
                result.append(Section(number: place.scope, members: position..<position, size: size))
            }
            let last = result.count - 1
            result[last].members = result[last].members.lowerBound..<(position + 1)
            result[last].size += Int(place.end - place.start)
        }
        return result
    }

    private func resources(of scopes: [Section]) -> [Section] {
        var result: [Section] = []
        for (position, scope) in scopes.enumerated() {
            let number = index.scopes[Int(scope.number)].resource
            if result.last?.number != number {
                let size = index.resources[Int(number)].headerSize
                result.append(Section(number: number, members: position..<position, size: size))
            }
            let last = result.count - 1
            result[last].members = result[last].members.lowerBound..<(position + 1)
            result[last].size += scope.fieldSize
        }
        return result
    }

    private func begin(
        _ section: Section, _ field: Int, _ group: SpanIndex.Group, _ memory: UnsafeRawBufferPointer,
        _ writer: inout Writer
    ) {
        writer.writeTag(field, .lengthDelimited)
        writer.writeVarint(UInt64(section.size))
        for header in index.headers[group.headers] {
            writer.write(raw: UnsafeRawBufferPointer(rebasing: memory[header]))
        }
    }

    /// Writes the spans of one scope, neighbours in one piece.
    private func write(_ members: Range<Int>, _ memory: UnsafeRawBufferPointer, _ writer: inout Writer) {
        var run = 0..<0
        for number in places[members] {
            let place = index.places[Int(number)]
            if Int(place.start) == run.upperBound {
                run = run.lowerBound..<Int(place.end)
            } else {
                writer.write(raw: UnsafeRawBufferPointer(rebasing: memory[run]))
                run = Int(place.start)..<Int(place.end)
            }
        }
        writer.write(raw: UnsafeRawBufferPointer(rebasing: memory[run]))
    }
}
