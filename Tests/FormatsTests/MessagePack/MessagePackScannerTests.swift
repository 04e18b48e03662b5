import Formats
import Testing
import Wire

@Suite struct MessagePackScannerTests {
    private static let values: [MessagePackValue] = [
        .null, .int(300), .text("text"), .array([.int(1), .array([]), .map([])]),
        .map([.init(.text("key"), .array([.double(1), .binary([1, 2, 3])]))]),
        .string(Array(repeating: 0x61, count: 300)), .extended(type: 0, Array(repeating: 1, count: 8)),
    ]

    /// What a scanner finds in bytes that arrive in pieces of `size`, with what was taken each time.
    private static func pieces(of bytes: [UInt8], size: Int, limit: Int = 1 << 20) throws -> [[UInt8]] {
        var scanner = MessagePackScanner(limit: limit)
        var buffer: [UInt8] = []
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            buffer += bytes[start..<min(start + size, bytes.count)]
            let whole = try Bytes(buffer).withSpan { (span) throws(MessagePackError) in
                try scanner.wholeValues(in: span)
            }
            guard whole > 0 else { continue }
            found.append(Array(buffer[..<whole]))
            scanner.took(whole)
            buffer.removeFirst(whole)
        }
        #expect(buffer.isEmpty)
        return found
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 1000])
    func `values are found however they are cut`(size: Int) throws {
        let bytes = Self.values.flatMap { $0.encoded().array }
        let found = try Self.pieces(of: bytes, size: size)
        #expect(found.flatMap { $0 } == bytes)
        if size == 1 { #expect(found == Self.values.map { $0.encoded().array }) }
        if size == 1000 { #expect(found == [bytes]) }
    }

    @Test func `what is too long is known when it is claimed`() {
        let claims: [[UInt8]] = [
            [0xDB, 0, 0, 1, 0], [0xC6, 0, 0, 1, 0], [0xDD, 0, 0, 1, 0], [0xDF, 0, 0, 0, 128],
            [0x92, 0xDC, 0, 200, 0xDC, 0, 200],
        ]
        for claim in claims {
            #expect(throws: MessagePackError(.tooLong(limit: 255), at: 0)) {
                try Self.pieces(of: claim, size: 100, limit: 255)
            }
        }
    }

    @Test func `what is whole before a fault is found first`() throws {
        for bad in [[0xC1], [0x91, 0xC1], [0xDB, 0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            var scanner = MessagePackScanner(limit: 100)
            let bytes = Bytes([0xC0, 0x91, 0x01] + bad)
            let found = try bytes.withSpan { (span) throws(MessagePackError) in
                try scanner.wholeValues(in: span)
            }
            #expect(found == 3)
            scanner.took(3)
            #expect(throws: MessagePackError.self) {
                try bytes[3..<bytes.count].withSpan { (span) throws(MessagePackError) in
                    try scanner.wholeValues(in: span)
                }
            }
        }
    }

    @Test func `many small values are more than the limit of one`() throws {
        let bytes = Array(repeating: UInt8(7), count: 1000)
        #expect(try Self.pieces(of: bytes, size: 100, limit: 10).count == 10)
    }

    @Test func `claims inside of claims do not overflow`() {
        var scanner = MessagePackScanner(limit: .max)
        let bytes = Bytes(Array(repeating: [0xDD, 255, 255, 255, 255] as [UInt8], count: 10_000).joined())
        let whole = try? bytes.withSpan { (span) throws(MessagePackError) in
            try scanner.wholeValues(in: span)
        }
        #expect(whole == 0)
    }

    @Test func `no bytes make it find an end that is none`() throws {
        var random = Random(state: 2)
        for _ in 0..<5000 {
            let count = Int.random(in: 0..<60, using: &random)
            let bytes = Bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            var scanner = MessagePackScanner(limit: 1000)
            let found = try? bytes.withSpan { (span) throws(MessagePackError) in
                try scanner.wholeValues(in: span)
            }
            guard let found else { continue }
            var reader = MessagePackReader(bytes, in: 0..<found)
            while !reader.isAtEnd { try reader.skip(depth: 100) }
            #expect(reader.position == found)
        }
    }
}
