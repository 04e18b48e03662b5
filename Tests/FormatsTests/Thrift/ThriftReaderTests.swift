import Formats
import Testing
import Wire

@Suite struct ThriftReaderTests {
    private static let encodings: [ThriftEncoding] = [.binary, .compact]

    private static let everything = ThriftValue.structure([
        (1, .bool(true)), (2, .bool(false)), (3, .byte(200)), (4, .i16(-2)), (5, .i32(1 << 30)),
        (6, .i64(.min)), (7, .double(1.5)), (8, .text("grüße")), (40, .structure([(-3, .i64(7))])),
        (41, .list([.i32(1), .i32(2)])), (60, .list((0..<20).map { .i64(Int64($0)) })),
        (61, .map([(.text("a"), .list([.structure([])])), (.text("b"), .list([.structure([])]))])),
        (62, .map([])), (63, .list([.bool(true), .bool(false)])),
    ])

    @Test(arguments: encodings)
    func `all types are read as they were written`(encoding: ThriftEncoding) throws {
        var reader = ThriftReader(Bytes(Self.everything.encoded(encoding)), encoding)
        var last: Int16 = 0
        func next(_ number: Int16) throws -> ThriftField {
            let field = try #require(try reader.field(after: &last))
            #expect(field.number == number)
            return field
        }
        #expect(try reader.bool(next(1)))
        #expect(try !reader.bool(next(2)))
        try reader.skip(next(3))
        #expect(try next(4).type == .i16)
        #expect(try reader.i16() == -2)
        _ = try next(5)
        #expect(try reader.i32() == 1 << 30)
        _ = try next(6)
        #expect(try reader.i64() == .min)
        _ = try next(7)
        #expect(try reader.double() == 1.5)
        _ = try next(8)
        let text = try reader.binary()
        #expect(reader.bytes[text].string == "grüße")
        #expect(try next(40).type == .structure)
        var inner: Int16 = 0
        #expect(try reader.field(after: &inner)?.number == -3)
        #expect(try reader.i64() == 7)
        #expect(try reader.field(after: &inner) == nil)
        _ = try next(41)
        let short = try reader.list()
        #expect(short == (.i32, 2))
        #expect(try (reader.i32(), reader.i32()) == (1, 2))
        _ = try next(60)
        let long = try reader.list()
        #expect(long == (.i64, 20))
        for number in 0..<20 { #expect(try reader.i64() == Int64(number)) }
        for number in 61...63 { try reader.skip(next(Int16(number))) }
        #expect(try reader.field(after: &last) == nil)
        #expect(reader.position == reader.bytes.count)
    }

    @Test(arguments: encodings)
    func `a struct is stepped over as a whole, and none that is cut`(encoding: ThriftEncoding) throws {
        let bytes = Self.everything.encoded(encoding)
        var reader = ThriftReader(Bytes(bytes), encoding)
        try reader.skip(.structure)
        #expect(reader.position == bytes.count)
        for end in 0..<bytes.count {
            var cut = ThriftReader(Bytes(Array(bytes[..<end])), encoding)
            #expect(throws: ThriftError.self) { try cut.skip(.structure) }
        }
    }

    @Test func `messages begin in three ways`() throws {
        let arguments = ThriftValue.structure([])
        for (bytes, encoding) in [
            (arguments.message("emitBatch", .binary), .binary),
            (arguments.message("emitBatch", .binary, isStrict: false), .binary),
            (arguments.message("emitBatch", .compact), .compact),
        ] as [([UInt8], ThriftEncoding)] {
            var reader = ThriftReader(Bytes(bytes), encoding)
            let message = try reader.message()
            #expect(message.name == "emitBatch" && message.kind == .oneway)
            #expect(reader.position == bytes.count - 1)
        }
        let wrong: [([UInt8], ThriftEncoding)] = [
            ([0x80, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], .binary), ([0x82, 0x22, 0, 0], .compact),
            ([0x81, 0x21, 0, 0], .compact), ([0x80, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0], .binary),
            (arguments.message(String(repeating: "n", count: 300), .compact), .compact),
        ]
        for (bytes, encoding) in wrong {
            var reader = ThriftReader(Bytes(bytes), encoding)
            #expect(throws: ThriftError(.wrongHeader, at: 0)) { try reader.message() }
        }
    }

    @Test func `what is claimed is compared with what is there`() {
        let bombs: [([UInt8], ThriftEncoding, ThriftType)] = [
            ([12, 0x7F, 0xFF, 0xFF, 0xFF], .binary, .list), ([0x7F, 0xFF, 0xFF, 0xFF], .binary, .binary),
            ([0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], .compact, .list),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0x07], .compact, .binary),
            ([11, 11, 0x7F, 0xFF, 0xFF, 0xFF], .binary, .map),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x88], .compact, .map),
        ]
        for (bytes, encoding, type) in bombs {
            var reader = ThriftReader(Bytes(bytes), encoding)
            let error = #expect(throws: ThriftError.self) { try reader.skip(type) }
            #expect(error == ThriftError(.truncated, at: 0))
        }
        let negative: [([UInt8], ThriftEncoding)] = [
            ([0xFF, 0xFF, 0xFF, 0xFF], .binary), ([0x80, 0x80, 0x80, 0x80, 0x08], .compact),
        ]
        for (bytes, encoding) in negative {
            var reader = ThriftReader(Bytes(bytes), encoding)
            #expect(throws: ThriftError(.negativeLength, at: 0)) { try reader.binary() }
        }
    }

    @Test(arguments: encodings)
    func `nesting has an end`(encoding: ThriftEncoding) throws {
        let field: [UInt8] = encoding == .binary ? [12, 0, 1] : [0x1C]
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeatElement(field, count: depth).joined()) + Array(repeating: 0, count: depth + 1)
        }
        var fits = ThriftReader(Bytes(nested(ThriftReader.nestingLimit - 1)), encoding)
        try fits.skip(.structure)
        var deep = ThriftReader(Bytes(nested(100_000)), encoding)
        let error = #expect(throws: ThriftError.self) { try deep.skip(.structure) }
        #expect(error?.reason == .tooDeep(limit: ThriftReader.nestingLimit))
    }

    @Test func `types and numbers that do not exist are errors`() {
        var last: Int16 = 0
        var binary = ThriftReader(Bytes([5, 0, 1]), .binary)
        #expect(throws: ThriftError(.unknownType(5), at: 0)) { try binary.field(after: &last) }
        var compact = ThriftReader(Bytes([0x1E]), .compact)
        #expect(throws: ThriftError(.unknownType(14), at: 0)) { try compact.field(after: &last) }
        last = .max
        var over = ThriftReader(Bytes([0x18, 0]), .compact)
        #expect(throws: ThriftError(.numberTooLarge, at: 0)) { try over.field(after: &last) }
        var large = ThriftReader(Bytes([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]), .compact)
        #expect(throws: ThriftError(.numberTooLarge, at: 0)) { try large.i32() }
        var endless = ThriftReader(Bytes(Array(repeating: 0xFF, count: 20)), .compact)
        #expect(throws: ThriftError(.numberTooLarge, at: 0)) { try endless.i64() }
    }

    @Test(arguments: encodings, 0..<20 as Range<UInt64>)
    func `damage is an error or harmless`(encoding: ThriftEncoding, seed: UInt64) {
        var random = Random(state: seed)
        let original = Self.everything.encoded(encoding)
        for _ in 0..<500 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            var reader = ThriftReader(Bytes(bytes), encoding)
            try? reader.skip(.structure)
            #expect(reader.position <= bytes.count)
        }
    }
}
