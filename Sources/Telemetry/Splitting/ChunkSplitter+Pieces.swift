internal import Wire

extension ChunkSplitter {
    /// Whether the current piece has as many items as it may have.
    var isFull: Bool {
        if case .items = limit { pieceItems >= room && pieceItems > 0 } else { false }
    }

    /// Whether the current piece has to take the next item even if that is larger than the limit.
    var mustTakeNext: Bool {
        pieceItems == 0 && (room == limit.amount || needsItem && pieces.count == 1)
    }

    /// Whether the current piece, with the element, stays within its room.
    func fits(_ element: Element) -> Bool {
        if case .items = limit { return pieceItems + element.items <= room }
        var size = element.whole.count
        for container in path.reversed() {
            let written = container.mark == nil ? container.headerSize : container.written
            let body = written + size
            size = 1 + Writer.varintSize(UInt64(body)) + body
        }
        return pieceBytes + size <= room
    }

    /// Adds whole resources to the current piece.
    mutating func extendRun(_ range: Range<Int>, items: Int) {
        if run.isEmpty || run.upperBound != range.lowerBound {
            flushRun()
            run = range
        } else {
            run = run.lowerBound..<range.upperBound
        }
        runItems += items
        pieceBytes += range.count
    }

    /// Begins every container on the path that the current piece does not have yet.
    mutating func openPath() {
        for index in path.indices where path[index].mark == nil {
            if index == 0 {
                flushRun()
                writer = Writer(capacity: expectedSize(of: path[0]) + 64)
            }
            path[index].mark = writer.begin(
                path[index].number, expecting: expectedSize(of: path[index]))
            for header in path[index].headers { writer.write(raw: memory(headers[header])) }
            path[index].written = path[index].headerSize
        }
    }

    /// Ends a container in the current piece, if it is there.
    mutating func close(_ index: Int) {
        guard let mark = path[index].mark else { return }
        writer.end(mark)
        path[index].mark = nil
        path[index].written = 0
        let size = writer.count - mark.start
        guard index == 0 else {
            path[index - 1].written += size
            return
        }
        let chunk = Batch.Chunk(bytes: writer.takeBytes(), itemCount: writerItems)
        pieces[pieces.count - 1].append(chunk)
        writerItems = 0
        pieceBytes += size
    }

    /// Ends the current piece and begins the next one.
    mutating func finishPiece() {
        for index in path.indices.reversed() { close(index) }
        flushRun()
        pieces.append([])
        pieceItems = 0
        pieceBytes = 0
        room = limit.amount
    }

    private mutating func flushRun() {
        guard !run.isEmpty else { return }
        pieces[pieces.count - 1].append(Batch.Chunk(bytes: source[run], itemCount: runItems))
        run = 0..<0
        runItems = 0
    }

    /// A guess at the size of a container in the current piece.
    private func expectedSize(of container: Container) -> Int {
        switch limit {
        case .bytes(let amount): min(container.bodySize, amount)
        case .items(let amount) where container.items > amount:
            Int(Double(container.bodySize) / Double(container.items) * Double(amount))
        case .items: container.bodySize
        }
    }
}
