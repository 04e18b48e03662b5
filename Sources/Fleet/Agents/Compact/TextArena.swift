/// Many short texts in a few blocks of memory, so that all of them can be searched in one go; each belongs to
/// a number.
struct TextArena: Sendable {
    /// Where a text is.
    struct Location: Sendable, Hashable {
        var block: UInt32
        var start: UInt16
        var length: UInt16
    }

    struct Block: Sendable {
        /// Texts, each with an end mark behind it.
        fileprivate(set) var bytes: [UInt8] = []
        /// Where each text begins, and whose it is; `absent` when it is gone.
        fileprivate(set) var starts: [UInt16] = []
        fileprivate(set) var owners: [UInt32] = []
        fileprivate var living = 0
    }

    /// The longest text that is kept whole, in bytes.
    static let longestText = 4096
    private static let blockBytes = 16 << 10
    /// No byte of UTF-8, so nothing that is looked for has it.
    private static let end: UInt8 = 0xFF

    private(set) var blocks: [Block] = []
    private var free: [UInt32] = []
    /// The block that texts are added to.
    private var current: UInt32 = .absent

    /// Keeps a text of at most `longestText`; more of it is cut off.
    mutating func add(_ text: some Collection<UInt8>, of owner: UInt32) -> Location {
        let text = text.prefix(Self.longestText)
        let length = text.count
        if current == .absent || blocks[Int(current)].bytes.count + length >= Self.blockBytes {
            current = free.popLast() ?? UInt32(blocks.count)
            if Int(current) == blocks.count { blocks.append(Block()) }
        }
        let start = blocks[Int(current)].bytes.count
        blocks[Int(current)].bytes.append(contentsOf: text)
        blocks[Int(current)].bytes.append(Self.end)
        blocks[Int(current)].starts.append(UInt16(start))
        blocks[Int(current)].owners.append(owner)
        blocks[Int(current)].living += length + 1
        return Location(block: current, start: UInt16(start), length: UInt16(length))
    }

    /// Forgets a text.
    ///
    /// - Returns: The texts that have to move because their block is half empty: whose they are, and where
    ///   they are now.
    mutating func remove(_ location: Location) -> [(owner: UInt32, location: Location)] {
        let block = Int(location.block)
        let index = blocks[block].index(at: Int(location.start))
        guard blocks[block].owners[index] != .absent else { return [] }
        blocks[block].owners[index] = .absent
        blocks[block].living -= Int(location.length) + 1
        guard blocks[block].living * 2 < blocks[block].bytes.count else { return [] }
        let old = blocks[block]
        blocks[block] = Block()
        if current != location.block { free.append(location.block) }
        return old.owners.indices.compactMap { index in
            guard old.owners[index] != .absent else { return nil }
            return (old.owners[index], add(old.bytes[old.range(index)], of: old.owners[index]))
        }
    }

    func text(_ location: Location) -> String {
        let start = Int(location.start)
        return String(
            decoding: blocks[Int(location.block)].bytes[start..<(start + Int(location.length))],
            as: UTF8.self)
    }

    func holds(_ text: some Collection<UInt8>, at location: Location) -> Bool {
        let text = text.prefix(Self.longestText)
        guard text.count == Int(location.length) else { return false }
        let start = Int(location.start)
        return blocks[Int(location.block)].bytes[start..<(start + text.count)].elementsEqual(text)
    }

    /// Whose texts have a text in them, in no certain order.
    func owners(of needle: TextNeedle) -> [UInt32] {
        var found: [UInt32] = []
        for block in blocks {
            var from = 0
            while let place = needle.first(in: block.bytes, from: from) {
                let index = block.index(at: place)
                if block.owners[index] != .absent { found.append(block.owners[index]) }
                // Once is enough.
                from = index + 1 < block.starts.count ? Int(block.starts[index + 1]) : block.bytes.count
            }
        }
        return found
    }
}

extension TextArena.Block {
    /// The text that a byte belongs to.
    fileprivate func index(at place: Int) -> Int {
        var (low, high) = (0, starts.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if Int(starts[middle]) <= place { low = middle } else { high = middle }
        }
        return low
    }

    /// The bytes of a text without its end mark.
    fileprivate func range(_ index: Int) -> Range<Int> {
        let end = index + 1 < starts.count ? Int(starts[index + 1]) : bytes.count
        return Int(starts[index])..<(end - 1)
    }
}
