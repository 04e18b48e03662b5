import Compression
import PipelineTesting
import Telemetry
import Testing
import Wire

@testable import Delivery

/// The format of segments, without a disk.
@Suite struct SegmentScannerTests {
    /// A segment with three records of different shapes, and where each of them ends.
    private struct Sample {
        let bytes: [UInt8]
        let ends: [Int]
        let batches: [Batch]

        init(_ signal: Signal = .traces) throws {
            var first = try Samples.batch(signal, items: 1)
            first.origin = Origin(peer: "peer", metadata: ["k": ["v"]])
            var second = try Samples.batch(signal, items: 1, service: "a")
            second.append(try Samples.batch(signal, items: 2, service: "b"))
            batches = [first, Batch(signal: signal), second]
            var bytes = SegmentHeader.encode(signal).array
            var ends: [Int] = []
            for (index, batch) in batches.enumerated() {
                let note = Bytes(Array(repeating: UInt8(index), count: index))
                let encoded = try #require(
                    SegmentRecord.encode(batch, note: note, time: UInt64(index) + 1))
                for piece in encoded.pieces { bytes += piece.array }
                ends.append(bytes.count)
                #expect(encoded.size == ends[index] - (index == 0 ? SegmentHeader.size : ends[index - 1]))
            }
            (self.bytes, self.ends) = (bytes, ends)
        }
    }

    /// Four bytes of a checksum as they stand in a file.
    static func checksum(_ memory: UnsafeRawBufferPointer) -> [UInt8] {
        withUnsafeBytes(of: Checksum(of: memory).value.littleEndian) { Array($0) }
    }

    private func scan(_ bytes: [UInt8], window: Int = 1 << 20) -> SegmentScanner {
        var scanner = SegmentScanner()
        bytes.withUnsafeBytes { memory in
            for start in stride(from: 0, to: memory.count, by: window) {
                let end = min(start + window, memory.count)
                scanner.consume(UnsafeRawBufferPointer(rebasing: memory[start..<end]))
            }
        }
        scanner.finish()
        return scanner
    }

    @Test(arguments: Signal.allCases)
    func `every record is found where it is, whatever the windows are`(signal: Signal) throws {
        let sample = try Sample(signal)
        for window in [1, 2, 3, 7, 35, 36, 37, 64, 1 << 20] {
            let scanner = scan(sample.bytes, window: window)
            #expect(scanner.header == .good(signal))
            #expect(scanner.goodEnd == sample.bytes.count)
            #expect(scanner.records.map { $0.offset + $0.facts.length } == sample.ends)
            #expect(scanner.records.map { $0.index } == [0, 1, 2])
            #expect(scanner.records.map { $0.facts.time } == [1, 2, 3])
            #expect(scanner.records.map { $0.facts.itemCount } == sample.batches.map { $0.itemCount })
            #expect(scanner.records.map { $0.facts.byteCount } == sample.batches.map { $0.byteCount })
        }
    }

    @Test func `of a segment that ends anywhere every complete record is found`() throws {
        let sample = try Sample()
        for length in 0...sample.bytes.count {
            let scanner = scan(Array(sample.bytes[..<length]), window: 50)
            let complete = sample.ends.filter { $0 <= length }
            #expect(scanner.records.count == complete.count, "cut at \(length)")
            let isTorn = length < SegmentHeader.size
            #expect(scanner.header == (isTorn ? .torn : .good(.traces)), "cut at \(length)")
            #expect(scanner.goodEnd == complete.last ?? (isTorn ? 0 : SegmentHeader.size))
        }
    }

    @Test func `no flipped bit changes a record or hides one before it`() throws {
        let sample = try Sample()
        for bit in 0..<sample.bytes.count * 8 {
            var bytes = sample.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            let scanner = scan(bytes, window: 100)
            let expected = bit / 8 < SegmentHeader.size ? 0 : sample.ends.count { $0 <= bit / 8 }
            #expect(scanner.records.count == expected, "bit \(bit)")
            if bit / 8 < SegmentHeader.size {
                guard case .bad? = scanner.header else {
                    Issue.record("bit \(bit) of the header went unnoticed")
                    continue
                }
            }
        }
    }

    @Test func `a record is read as it was written, and not at all when a bit is flipped`() throws {
        let sample = try Sample()
        for (index, batch) in sample.batches.enumerated() {
            let start = index == 0 ? SegmentHeader.size : sample.ends[index - 1]
            var bytes = Array(sample.bytes[start..<sample.ends[index]])
            let record = try #require(SegmentRecord.decode(Bytes(bytes), signal: .traces))
            #expect(record.batch.facts == batch.facts)
            #expect(record.note.array == Array(repeating: UInt8(index), count: index))
            for bit in 0..<bytes.count * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8)
                #expect(SegmentRecord.decode(Bytes(bytes), signal: .traces) == nil, "bit \(bit)")
                bytes[bit / 8] ^= 1 << (bit % 8)
            }
            for length in 0..<bytes.count {
                #expect(SegmentRecord.decode(Bytes(bytes[..<length]), signal: .traces) == nil)
            }
        }
    }

    @Test func `lengths that contradict each other are no record, even with a good checksum`() throws {
        let sample = try Sample()
        let record = Array(sample.bytes[SegmentHeader.size..<sample.ends[0]])
        // Of the record, the number of chunks, the origin, the note, and the chunk.
        for offset in [4, 16, 28, 32, 36] {
            for value: UInt32 in [0, 1, 1_000, .max] {
                var bytes = record
                withUnsafeBytes(of: value.littleEndian) {
                    bytes.replaceSubrange(offset..<offset + 4, with: $0)
                }
                guard bytes != record else { continue }
                let checksum = bytes.withUnsafeBytes {
                    Self.checksum(UnsafeRawBufferPointer(rebasing: $0[4...]))
                }
                bytes.replaceSubrange(0..<4, with: checksum)
                let decoded = SegmentRecord.decode(Bytes(bytes), signal: .traces)
                // A shorter origin or note makes the chunk begin elsewhere, so its length does not fit.
                #expect(decoded == nil, "\(value) at \(offset)")
                #expect(scan(Array(sample.bytes[..<SegmentHeader.size]) + bytes).records.count <= 1)
            }
        }
    }

    @Test func `an origin that is cut off anywhere is none`() {
        let origin = Origin(peer: "10.0.0.1:1", metadata: ["a": ["1", "2"], "b": [], "c": [""]])
        let bytes = OriginCoding.encode(origin)
        #expect(OriginCoding.decode(bytes)?.peer == origin.peer)
        #expect(OriginCoding.decode(bytes)?.metadata == origin.metadata)
        for length in 0..<bytes.count { #expect(OriginCoding.decode(bytes[0..<length]) == nil) }
    }

    @Test func `an origin keeps what is known about the sender`() {
        let origin = Origin(peer: "unix", metadata: ["a": ["1"]], attributes: ["username": "ü", "group": ""])
        let decoded = OriginCoding.decode(OriginCoding.encode(origin))
        #expect(decoded?.metadata == origin.metadata)
        #expect(decoded?.attributes == origin.attributes)
    }

    @Test func `completions are found among damaged ones`() {
        let bytes = CompletionEntries.encode([0, 7, .max], segment: 9).array
        #expect(CompletionEntries.decode(Bytes(bytes), segment: 9) == [0, 7, .max])
        #expect(CompletionEntries.decode(Bytes(bytes), segment: 8).isEmpty)
        #expect(CompletionEntries.decode(Bytes(bytes.dropLast()), segment: 9) == [0, 7])
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let found = CompletionEntries.decode(Bytes(damaged), segment: 9)
            #expect(found.count == 2 && found.isSubset(of: [0, 7, .max]), "bit \(bit)")
        }
        #expect(CompletionEntries.decode(Bytes(Array(repeating: 0, count: 64)), segment: 0).isEmpty)
    }
}
