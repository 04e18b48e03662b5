internal import Wire

extension Batch {
    /// Takes the oldest items out, as many as `items` or all there are, and returns them.
    ///
    /// A chunk that has to be cut is cut once for all: into pieces of `items`, so that taking the rest in
    /// portions of the same size copies nothing again. The pieces repeat the resource, scope and metric they
    /// belong to, with their schema URLs. Profiles come in whole chunks, one at least.
    public mutating func removeFirst(items: Int) -> Batch {
        guard items > 0 else { return Batch(signal: signal) }
        return removeFirst(.items(items))
    }

    /// Takes the oldest items out, as many as fit in `bytes`, but one at least, and returns them.
    ///
    /// The size is that of the encoded message, with everything that has to be repeated.
    public mutating func removeFirst(bytes: Int) -> Batch {
        removeFirst(.bytes(max(bytes, 1)))
    }

    private mutating func removeFirst(_ limit: SplitLimit) -> Batch {
        var head = removeFirstItems(limit)
        // The claims on what a processor took out go with the last items.
        head.claims = itemCount > 0 ? removeFirstClaims(items: head.itemCount) : claims
        if itemCount == 0 { claims = [] }
        return head
    }

    private mutating func removeFirstItems(_ limit: SplitLimit) -> Batch {
        var head = Batch(signal: signal)
        head.origin = origin
        var whole = 0
        while whole < chunks.count {
            let fits = limit.measure(head) + limit.measure(chunks[whole]) <= limit.amount
            // What holds no items (unknown fields at the top) goes with the next item, whatever its size.
            guard fits || head.itemCount == 0 && chunks[whole].itemCount == 0 else { break }
            head.append(chunks[whole])
            whole += 1
        }
        itemCount -= head.itemCount
        byteCount -= head.byteCount
        let isFull = limit.measure(head) >= limit.amount && head.itemCount > 0
        guard whole < chunks.count, !isFull else {
            chunks.removeFirst(whole)
            return head
        }
        let chunk = chunks[whole]
        let pieces = split(chunk, limit, taken: limit.measure(head), needsItem: head.itemCount == 0)
        let rest = pieces.dropFirst().flatMap { $0 }
        for chunk in pieces.first ?? [] { head.append(chunk) }
        chunks.replaceSubrange(...whole, with: rest)
        itemCount += rest.reduce(-chunk.itemCount) { $0 + $1.itemCount }
        byteCount += rest.reduce(-chunk.bytes.count) { $0 + $1.bytes.count }
        return head
    }

    private func split(_ chunk: Chunk, _ limit: SplitLimit, taken: Int, needsItem: Bool) -> [[Chunk]] {
        guard let hierarchy = Hierarchy(signal) else { return needsItem ? [[chunk]] : [[], [chunk]] }
        return chunk.bytes.withUnsafeBytes { memory in
            guard let base = memory.bindMemory(to: UInt8.self).baseAddress else { return [[chunk]] }
            var splitter = ChunkSplitter(
                source: chunk.bytes, base: base, hierarchy: hierarchy, limit: limit, taken: taken,
                needsItem: needsItem)
            return splitter.split()
        }
    }
}

/// How large a part of a batch may be.
enum SplitLimit {
    case items(Int)
    case bytes(Int)

    var amount: Int {
        switch self {
        case .items(let amount), .bytes(let amount): amount
        }
    }

    func measure(_ batch: borrowing Batch) -> Int {
        switch self {
        case .items: batch.itemCount
        case .bytes: batch.byteCount
        }
    }

    func measure(_ chunk: Batch.Chunk) -> Int {
        switch self {
        case .items: chunk.itemCount
        case .bytes: chunk.bytes.count
        }
    }
}
