internal import Wire

/// Cuts one chunk into pieces that respect a limit, in one pass.
///
/// What lies between two cuts and consists of whole resources becomes a slice of the source. A resource that
/// a cut goes through is written anew for each piece: its own fields first, then the part of its children,
/// and the same for the scope and metric on the way down to the items.
struct ChunkSplitter: ~Copyable {
    /// A resource, scope, metric or its data that the walk is in.
    struct Container {
        let number: Int
        let bodySize: Int
        /// Its fields other than the children, as a part of `headers`.
        let headers: Range<Int>
        let headerSize: Int
        let items: Int
        /// Set while it is being written into the current piece.
        var mark: Writer.Mark?
        /// Bytes of its body in the current piece, without a child that is still open.
        var written = 0
    }

    /// A field at some level: a container or an item.
    struct Element {
        let level: Int
        let number: Int
        let whole: Range<Int>
        let value: Range<Int>
        let items: Int
    }

    let source: Bytes
    let base: UnsafePointer<UInt8>
    let hierarchy: Hierarchy
    let limit: SplitLimit
    /// Whether the first piece has to hold an item even if that is larger than its room.
    let needsItem: Bool

    var path: [Container] = []
    var headers: [Range<Int>] = []
    var pieces: [[Batch.Chunk]] = [[]]
    var writer = Writer(capacity: 16)
    var writerItems = 0
    /// Whole resources that follow one another and belong to the current piece.
    var run = 0..<0
    var runItems = 0
    var pieceItems = 0
    var pieceBytes = 0
    /// What the current piece may hold; less for the first, which joins what was taken before.
    var room: Int

    init(
        source: Bytes, base: UnsafePointer<UInt8>, hierarchy: Hierarchy, limit: SplitLimit, taken: Int,
        needsItem: Bool
    ) {
        self.source = source
        self.base = base
        self.hierarchy = hierarchy
        self.limit = limit
        self.needsItem = needsItem
        room = limit.amount - taken
    }

    /// Cuts all of the source; the first piece is empty when nothing fits into its room.
    mutating func split() -> [[Batch.Chunk]] {
        var fields = FieldWalker(base, 0, source.count)
        while fields.next() {
            if let element = element(fields, level: 0) {
                place(element)
            } else {
                extendRun(fields.start..<fields.position, items: 0)
            }
        }
        finishPiece()
        pieces.removeLast()
        return pieces
    }

    private func element(_ fields: FieldWalker, level: Int) -> Element? {
        guard fields.isLengthDelimited, hierarchy.holds(level, fields.number) else { return nil }
        var items = 1
        if level < hierarchy.leaf {
            items = hierarchy.countItems(base, fields.valueStart, fields.position, children: level + 1)
        }
        return Element(
            level: level, number: fields.number, whole: fields.start..<fields.position, value: fields.value,
            items: items)
    }

    /// Puts an element into the current piece, whole or in part, and begins new pieces as needed.
    private mutating func place(_ element: Element) {
        if isFull { finishPiece() }
        if fits(element) { return take(element) }
        guard element.level == hierarchy.leaf else { return descend(into: element) }
        if !mustTakeNext { finishPiece() }
        take(element)
    }

    private mutating func descend(into element: Element) {
        let level = element.level + 1
        let firstHeader = headers.count
        var headerSize = 0
        var fields = FieldWalker(base, element.value.lowerBound, element.value.upperBound)
        while fields.next() {
            if fields.isLengthDelimited, hierarchy.holds(level, fields.number) { continue }
            headers.append(fields.start..<fields.position)
            headerSize += fields.position - fields.start
        }
        path.append(
            Container(
                number: element.number, bodySize: element.value.count, headers: firstHeader..<headers.count,
                headerSize: headerSize, items: element.items))
        fields = FieldWalker(base, element.value.lowerBound, element.value.upperBound)
        while fields.next() {
            if let child = self.element(fields, level: level) { place(child) }
        }
        close(path.count - 1)
        path.removeLast()
        headers.removeSubrange(firstHeader...)
    }

    private mutating func take(_ element: Element) {
        pieceItems += element.items
        guard let last = path.indices.last else { return extendRun(element.whole, items: element.items) }
        openPath()
        writer.write(raw: memory(element.whole))
        path[last].written += element.whole.count
        writerItems += element.items
    }

    func memory(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }
}
