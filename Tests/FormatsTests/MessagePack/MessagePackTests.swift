import Formats
import Testing
import Wire

@Suite struct MessagePackTests {
    /// Values with the bytes that the specification gives them.
    private static let cases: [(value: MessagePackValue, bytes: [UInt8])] = [
        (.null, [0xC0]), (.bool(false), [0xC2]), (.bool(true), [0xC3]),
        (.int(0), [0x00]), (.int(127), [0x7F]), (.int(128), [0xCC, 0x80]), (.int(255), [0xCC, 0xFF]),
        (.int(256), [0xCD, 0x01, 0x00]), (.int(65536), [0xCE, 0x00, 0x01, 0x00, 0x00]),
        (.int(1 << 32), [0xCF, 0, 0, 0, 1, 0, 0, 0, 0]),
        (.int(.max), [0xCF, 0x7F, 255, 255, 255, 255, 255, 255, 255]),
        (.unsigned(.max), [0xCF, 255, 255, 255, 255, 255, 255, 255, 255]),
        (.int(-1), [0xFF]), (.int(-32), [0xE0]), (.int(-33), [0xD0, 0xDF]), (.int(-128), [0xD0, 0x80]),
        (.int(-129), [0xD1, 0xFF, 0x7F]), (.int(-32769), [0xD2, 0xFF, 0xFF, 0x7F, 0xFF]),
        (.int(.min), [0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        (.double(1.5), [0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0]),
        (.text(""), [0xA0]), (.text("abc"), [0xA3, 0x61, 0x62, 0x63]),
        (.binary([1, 2]), [0xC4, 2, 1, 2]),
        (.array([.int(1), .null]), [0x92, 1, 0xC0]),
        (.map([.init(.text("a"), .int(1))]), [0x81, 0xA1, 0x61, 1]),
        (.extended(type: 0, [1, 2, 3, 4, 5, 6, 7, 8]), [0xD7, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (.extended(type: -1, [1, 2, 3]), [0xC7, 3, 0xFF, 1, 2, 3]),
    ]

    @Test(arguments: cases.indices)
    func `values are written and read as the specification says`(index: Int) throws {
        let (value, bytes) = Self.cases[index]
        #expect(value.encoded().array == bytes)
        #expect(try MessagePackValue(decoding: Bytes(bytes), depth: 2) == value)
    }

    @Test(arguments: [0, 15, 16, 31, 32, 255, 256, 65535, 65536])
    func `lengths of every width are read back`(count: Int) throws {
        let values: [MessagePackValue] = [
            .string(Array(repeating: 0x61, count: count)), .binary(Array(repeating: 7, count: count)),
            .array(Array(repeating: .int(3), count: count)),
            .map(Array(repeating: .init(.int(1), .null), count: count)),
            .extended(type: 5, Array(repeating: 9, count: count)),
        ]
        for value in values { #expect(try MessagePackValue(decoding: value.encoded(), depth: 1) == value) }
    }

    @Test func `the small float is read as a double`() throws {
        #expect(try MessagePackValue(decoding: Bytes([0xCA, 0x3F, 0xC0, 0, 0]), depth: 0) == .double(1.5))
    }

    @Test func `the signed formats are read whatever would have been enough`() throws {
        let bytes: [[UInt8]] = [
            [0xD0, 5], [0xD1, 0, 5], [0xD2, 0, 0, 0, 5], [0xD3, 0, 0, 0, 0, 0, 0, 0, 5],
        ]
        for bytes in bytes { #expect(try MessagePackValue(decoding: Bytes(bytes), depth: 0) == .int(5)) }
    }

    @Test(arguments: cases.indices)
    func `a value that is cut off is an error, not a crash`(index: Int) throws {
        let bytes = Self.cases[index].bytes
        for length in 0..<bytes.count {
            let error = #expect(throws: MessagePackError.self) {
                try MessagePackValue(decoding: Bytes(bytes[..<length]), depth: 4)
            }
            #expect(error?.reason == .truncated)
        }
    }

    @Test func `a length that is only claimed reserves nothing`() {
        let claims: [[UInt8]] = [
            [0xDD, 255, 255, 255, 255], [0xDF, 255, 255, 255, 255], [0xDB, 255, 255, 255, 255],
            [0xC6, 255, 255, 255, 255], [0xC9, 255, 255, 255, 255, 0],
        ]
        for claim in claims {
            let error = #expect(throws: MessagePackError.self) {
                try MessagePackValue(decoding: Bytes(claim), depth: 8)
            }
            #expect(error == MessagePackError(.truncated, at: 0))
        }
    }

    @Test func `nesting is bounded`() throws {
        let deep = Bytes(Array(repeating: 0x91, count: 100_000) + [0xC0])
        #expect(throws: MessagePackError(.tooDeep(limit: 64), at: 64)) {
            var reader = MessagePackReader(deep)
            try reader.skip(depth: 64)
        }
        #expect(throws: MessagePackError(.tooDeep(limit: 64), at: 64)) {
            try MessagePackValue(decoding: deep, depth: 64)
        }
        let fits = Bytes(Array(repeating: 0x91, count: 64) + [0xC0])
        var reader = MessagePackReader(fits)
        try reader.skip(depth: 64)
        #expect(reader.isAtEnd)
    }

    @Test func `the byte that begins no value is named with its place`() {
        #expect(throws: MessagePackError(.invalidByte, at: 2)) {
            try MessagePackValue(decoding: Bytes([0x92, 0xC0, 0xC1]), depth: 1)
        }
    }

    @Test func `no bytes crash a reader, and what is read can be written`() throws {
        var random = Random(state: 1)
        var decoded = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<40, using: &random)
            let bytes = Bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            var reader = MessagePackReader(bytes)
            let isSkipped = (try? reader.skip(depth: 8)) != nil
            let value = try? MessagePackValue(decoding: bytes[0..<reader.position], depth: 8)
            #expect(isSkipped == (value != nil))
            guard let value else { continue }
            decoded += 1
            let again = try MessagePackValue(decoding: value.encoded(), depth: 8)
            #expect(again.encoded().array == value.encoded().array)
        }
        #expect(decoded > 1000)
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
