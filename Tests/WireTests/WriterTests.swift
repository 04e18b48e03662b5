import Testing

@testable import Wire

@Suite struct WriterTests {
    private func written(_ body: (inout Writer) -> Void) -> [UInt8] {
        var writer = Writer(capacity: 1)
        body(&writer)
        return writer.finish().array
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 32, UInt64.max])
    func `varints are read back and as short as they can be`(_ value: UInt64) throws {
        let bytes = written { $0.writeVarint(value) }
        #expect(bytes.count == Writer.varintSize(value))
        let back = try Bytes(bytes).withSpan { span throws(WireError) in
            var cursor = Cursor(0..<bytes.count)
            return try cursor.readVarint(span)
        }
        #expect(back == value)
    }

    @Test func `fields have the bytes of the encoding`() {
        #expect(written { $0.write(varint: 150, 1) } == [0x08, 0x96, 0x01])
        #expect(written { $0.write(string: "testing", 2) } == [0x12, 7] + Array("testing".utf8))
        #expect(written { $0.write(fixed32: 1, 16) } == [0x85, 0x01, 1, 0, 0, 0])
        #expect(written { $0.write(double: 1, 4) } == [0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(written { $0.write(zigZag: -3, 6) } == [0x30, 5])
        #expect(written { $0.write(signed: -1, 3) } == [0x18] + [UInt8](repeating: 0xFF, count: 9) + [1])
        #expect(written { $0.write(bool: true, 3) } == [0x18, 1])
        #expect(written { $0.write(packedVarints: [1, 300], 2) } == [0x12, 3, 1, 0xAC, 2])
        #expect(written { $0.write(packedFixed64: [1], 6) } == [0x32, 8, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(written { $0.write(bytes: Bytes([7]), 1) } == [0x0A, 1, 7])
    }

    @Test(arguments: [0, 1, 127, 128, 5000, 16_384, 70_000], [0, 100, 200, 20_000, 3_000_000])
    func `lengths are patched whatever was expected`(_ size: Int, _ expecting: Int) {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let nested = written { writer in
            let outer = writer.begin(1, expecting: expecting)
            let inner = writer.begin(2, expecting: expecting)
            writer.write(raw: Bytes(body))
            writer.end(inner)
            writer.write(varint: 1, 3)
            writer.end(outer)
        }
        let inner = written { $0.write(bytes: body, 2) } + [0x18, 1]
        #expect(nested == written { $0.write(bytes: inner, 1) })
    }

    @Test func `what was truncated is gone and what was taken is kept`() {
        var writer = Writer()
        writer.write(varint: 1, 1)
        let count = writer.count
        writer.write(varint: 2, 2)
        writer.truncate(to: count)
        let taken = writer.takeBytes()
        writer.write(varint: 3, 3)
        #expect(taken.array == [0x08, 1])
        #expect(writer.finish().array == [0x18, 3])
    }

    @Test(arguments: [0, -1, 1, -2, Int64.max, Int64.min])
    func `zigzag goes both ways`(_ value: Int64) {
        #expect(ZigZag.decode(ZigZag.encode(value)) == value)
    }
}
