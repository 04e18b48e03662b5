import Glibc
import Pipeline
import Synchronization
import Wire

@testable import Delivery

/// The real disk with the faults that a test wants.
final class FaultyDisk: SpoolDisk {
    /// What goes wrong, and what was seen.
    struct State {
        /// Bytes of segments that still fit; no limit when `nil`.
        var room: Int?
        /// Whether completion files count too.
        var limitsCompletions = false
        var failsTruncation = false
        var failsSynchronization = false
        var failsOpening = false
        var failsReading = false
        /// Which of the synchronizations of files fail, counted from 1.
        var failingSynchronizations: Set<Int> = []
        var synchronizations = 0
        var directorySynchronizations = 0
        /// Is called in the middle of the next write to a segment, once.
        var whileWriting: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let system = SystemDisk()

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var seen: State { state.withLock { $0 } }

    /// Holds the thread in the middle of the next write to a segment until it is told to go on.
    func hold() -> (begun: PendingReceipt, goOn: @Sendable () -> Void) {
        let begun = PendingReceipt()
        let isReleased = Flag()
        set {
            $0.whileWriting = {
                begun.resolve(nil)
                while !isReleased.value.load(ordering: .acquiring) { sched_yield() }
            }
        }
        return (begun, { isReleased.value.store(true, ordering: .releasing) })
    }

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }

    func open(_ path: String, _ mode: DiskFile.Mode) throws(FileError) -> DiskFile {
        if seen.failsOpening { throw FileError(action: "open", path: path, code: EMFILE) }
        return try system.open(path, mode)
    }

    func close(_ file: DiskFile) { system.close(file) }
    func size(of file: DiskFile) throws(FileError) -> Int { try system.size(of: file) }

    func write(_ pieces: ArraySlice<Bytes>, to file: DiskFile, at offset: Int) throws(FileError) -> Int {
        let total = pieces.reduce(0) { $0 + $1.count }
        if file.path.hasSuffix(SegmentFile.segmentSuffix) {
            let action = state.withLock { state in
                defer { state.whileWriting = nil }
                return state.whileWriting
            }
            action?()
        }
        let allowed = state.withLock { state in
            let counts = state.limitsCompletions || !file.path.hasSuffix(SegmentFile.doneSuffix)
            guard let room = state.room, counts else { return total }
            state.room = max(room - total, 0)
            return min(room, total)
        }
        guard allowed > 0 || total == 0 else {
            throw FileError(action: "write to", path: file.path, code: ENOSPC)
        }
        guard allowed < total else { return try system.write(pieces, to: file, at: offset) }
        var builder = BytesBuilder(capacity: total)
        for piece in pieces { builder.append(piece) }
        return try system.write([builder.finish()[0..<allowed]], to: file, at: offset)
    }

    func read(
        from file: DiskFile, at offset: Int, into memory: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        if seen.failsReading { throw FileError(action: "read", path: file.path, code: EIO) }
        return try system.read(from: file, at: offset, into: memory)
    }

    func truncate(_ file: DiskFile, to size: Int) throws(FileError) {
        if seen.failsTruncation { throw FileError(action: "cut off", path: file.path, code: EIO) }
        try system.truncate(file, to: size)
    }

    func synchronize(_ file: DiskFile) throws(FileError) {
        let fails = state.withLock { state in
            state.synchronizations += 1
            return state.failsSynchronization
                || state.failingSynchronizations.contains(state.synchronizations)
        }
        if fails { throw FileError(action: "synchronize", path: file.path, code: EIO) }
        try system.synchronize(file)
    }

    func synchronizeDirectory(_ path: String) throws(FileError) {
        state.withLock { $0.directorySynchronizations += 1 }
        try system.synchronizeDirectory(path)
    }

    func remove(_ path: String) throws(FileError) { try system.remove(path) }

    func rename(_ path: String, to newPath: String) throws(FileError) { try system.rename(path, to: newPath) }
}
