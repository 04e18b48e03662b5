internal import Compression
internal import Telemetry
internal import Wire

/// Finds the records of a segment while its bytes pass by, in windows of any size.
///
/// It holds a header and a checksum, never the data, and touches every byte once.
struct SegmentScanner {
    /// A record whose checksum is good.
    struct Found {
        let index: UInt32
        let offset: Int
        let facts: SegmentRecord.Facts
    }

    private enum Phase {
        case fileHeader
        case recordHeader
        case body(SegmentRecord.Facts, Checksum, remaining: Int)
        /// What follows makes no sense.
        case stopped
    }

    /// What the beginning of the file says; decided when `SegmentHeader.size` bytes or the end are there.
    private(set) var header: SegmentHeader.Finding?
    private(set) var records: [Found] = []
    /// Bytes up to which everything is good.
    private(set) var goodEnd = 0
    /// Bytes seen.
    private(set) var size = 0
    private var phase = Phase.fileHeader
    /// The beginning of a header whose rest has not come yet.
    private var held = BytesBox()

    /// Whether the bytes so far end within a record whose beginning is good, as a process leaves it that is
    /// killed while it writes.
    var endsWithinRecord: Bool {
        switch phase {
        case .recordHeader, .body: goodEnd < size
        case .fileHeader, .stopped: false
        }
    }

    /// Goes on with the next bytes of the file.
    mutating func consume(_ window: UnsafeRawBufferPointer) {
        size += window.count
        var position = 0
        while position < window.count {
            let rest = UnsafeRawBufferPointer(rebasing: window[position...])
            switch phase {
            case .fileHeader:
                guard let memory = held.collect(SegmentHeader.size, from: rest, &position) else { return }
                readFileHeader(memory)
            case .recordHeader:
                guard let memory = held.collect(SegmentRecord.headerSize, from: rest, &position) else {
                    return
                }
                readRecordHeader(memory)
            case .body(let facts, var checksum, let remaining):
                let count = min(remaining, rest.count)
                checksum.update(UnsafeRawBufferPointer(rebasing: rest[..<count]))
                position += count
                phase = .body(facts, checksum, remaining: remaining - count)
                endRecordIfComplete()
            case .stopped:
                return
            }
        }
    }

    /// Says that the file has no more bytes.
    mutating func finish() {
        if header == nil { readFileHeader(held.content) }
    }

    private mutating func readFileHeader(_ content: [UInt8]) {
        let finding = content.withUnsafeBytes { SegmentHeader.read($0) }
        header = finding
        phase = .stopped
        guard case .good = finding else { return }
        goodEnd = SegmentHeader.size
        phase = .recordHeader
    }

    private mutating func readRecordHeader(_ content: [UInt8]) {
        phase = content.withUnsafeBytes { memory in
            guard let facts = SegmentRecord.readHeader(memory) else { return .stopped }
            let checksum = Checksum(of: UnsafeRawBufferPointer(rebasing: memory[4...]))
            return .body(facts, checksum, remaining: facts.length - SegmentRecord.headerSize)
        }
        endRecordIfComplete()
    }

    private mutating func endRecordIfComplete() {
        guard case .body(let facts, let checksum, remaining: 0) = phase else { return }
        guard checksum.value == facts.checksum else {
            phase = .stopped
            return
        }
        records.append(Found(index: UInt32(records.count), offset: goodEnd, facts: facts))
        goodEnd += facts.length
        phase = .recordHeader
    }
}

/// Collects the few bytes of a header that may lie in two windows.
private struct BytesBox {
    private(set) var content: [UInt8] = []

    /// Takes bytes until there are `count`, which are returned and forgotten.
    mutating func collect(_ count: Int, from memory: UnsafeRawBufferPointer, _ position: inout Int)
        -> [UInt8]?
    {
        let taken = min(count - content.count, memory.count)
        content.append(contentsOf: memory.prefix(taken))
        position += taken
        guard content.count == count else { return nil }
        defer { content.removeAll(keepingCapacity: true) }
        return content
    }
}
