internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Settings
internal import Synchronization

/// The shapes of health that the store has, by their hashes.
struct KeptShapes: Sendable {
    /// Shapes that are kept; agents with others are asked for their health again after a restart.
    static let limit = 4096
    /// The same in bytes.
    private static let byteLimit = 32 << 20
    static let prefix = "health/"

    /// By hash, as far as they were read or written.
    private(set) var shapes: [ContentHash: HealthShape] = [:]
    /// By the numbers of the table of shapes.
    private var hashes: [UInt32: ContentHash] = [:]
    private var waiting: Set<UInt32> = []
    private var bytes = 0

    subscript(hash: ContentHash) -> HealthShape? { shapes[hash] }

    func hash(_ number: UInt32) -> ContentHash? { hashes[number] }

    /// An agent has a shape: it is to be kept, if there is room.
    mutating func need(_ number: UInt32) {
        if hashes[number] == nil, shapes.count + waiting.count < Self.limit { waiting.insert(number) }
    }

    /// Nobody has a shape any more, and its number is free.
    mutating func forget(_ number: UInt32) {
        hashes[number] = nil
        waiting.remove(number)
    }

    mutating func takeWaiting() -> Set<UInt32> {
        defer { waiting = [] }
        return waiting
    }

    func hasRoom(for size: Int) -> Bool { shapes.count < Self.limit && bytes + size <= Self.byteLimit }

    mutating func note(_ shape: HealthShape, _ hash: ContentHash, size: Int) {
        if shapes.updateValue(shape, forKey: hash) == nil { bytes += size }
    }

    mutating func note(_ number: UInt32, is hash: ContentHash) { hashes[number] = hash }

    /// Shapes that no agent has.
    var unused: [ContentHash] {
        let used = Set(hashes.values)
        return shapes.keys.filter { !used.contains($0) }
    }

    mutating func drop(_ hash: ContentHash) {
        if let shape = shapes.removeValue(forKey: hash) { bytes -= shape.encoded.count }
    }
}

extension InventoryState {
    func releaseShape(_ number: UInt32) {
        if tables.shapes.release(number) != nil { keptShapes.forget(number) }
    }
}

/// The trees of health of agents outlive the process, so that a fleet need not say them all again: the shape
/// of each once, and what differs with the agent.
extension Inventory {
    private struct NewShape {
        let number: UInt32
        let shape: HealthShape
        let content: [UInt8]
    }

    /// Writes shapes that have come up; agents that have them are written after that.
    func flushShapes() async throws(StoreError) {
        let shapes = state.withLock { state in
            state.keptShapes.takeWaiting().compactMap { number in
                state.tables.shapes[number].map { (number, $0) }
            }
        }.map { NewShape(number: $0, shape: $1, content: $1.encoded) }
        for start in stride(from: 0, to: shapes.count, by: 256) {
            let part = shapes[start..<min(start + 256, shapes.count)].filter { shape in
                state.withLock { $0.keptShapes.hasRoom(for: shape.content.count) }
            }
            do throws(StoreError) {
                try await write(part)
            } catch {
                state.withLock { state in
                    for shape in shapes[start...] { state.keptShapes.need(shape.number) }
                }
                throw error
            }
        }
    }

    private func write(_ part: [NewShape]) async throws(StoreError) {
        let hashes = try await store.putContents(part.map(\.content))
        try await store.write(
            hashes.map { hash in
                .put(
                    .setting, KeptShapes.prefix + hash.description, .empty, expecting: .any, uses: [hash])
            })
        state.withLock { state in
            for (new, hash) in zip(part, hashes) {
                state.keptShapes.note(new.shape, hash, size: new.content.count)
                // Another may have its number meanwhile.
                if state.tables.shapes[new.number] == new.shape {
                    state.keptShapes.note(new.number, is: hash)
                }
            }
        }
    }

    /// Reads all shapes.
    func loadShapes() async throws(StoreError) {
        let documents = try await store.documents(
            .setting, prefix: KeptShapes.prefix, limit: KeptShapes.limit)
        for document in documents {
            guard let hash = ContentHash(String(document.id.dropFirst(KeptShapes.prefix.count))),
                let content = try await store.content(hash), let shape = HealthShape(encoded: content)
            else { continue }
            state.withLock { $0.keptShapes.note(shape, hash, size: content.count) }
        }
    }

    /// Drops shapes that no agent has; only where nobody else could just have written one.
    func dropUnusedShapes() async throws(StoreError) {
        guard !store.isShared else { return }
        let unused = state.withLock { $0.keptShapes.unused }
        for start in stride(from: 0, to: unused.count, by: 256) {
            let part = unused[start..<min(start + 256, unused.count)]
            try await store.write(
                part.map { .delete(.setting, KeptShapes.prefix + $0.description, expecting: .any) })
            state.withLock { state in for hash in part { state.keptShapes.drop(hash) } }
        }
    }
}
