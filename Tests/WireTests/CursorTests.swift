import Testing

@testable import Wire

@Suite struct CursorTests {
    private func read<Value>(
        _ bytes: [UInt8], _ body: (inout Cursor, RawSpan) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        try Bytes(bytes).withSpan { span throws(WireError) in
            var cursor = Cursor(0..<bytes.count)
            return try body(&cursor, span)
        }
    }

    private func varint(_ bytes: [UInt8]) throws(WireError) -> UInt64 {
        try read(bytes) { cursor, span throws(WireError) in try cursor.readVarint(span) }
    }

    @Test(
        arguments: [
            ([0x00], 0), ([0x7F], 127), ([0x80, 0x01], 128), ([0xAC, 0x02], 300),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], UInt64.max),
            // Longer than needed is legal.
            ([0x81, 0x80, 0x00], 1),
        ] as [([UInt8], UInt64)])
    func `varints of every length`(_ bytes: [UInt8], _ value: UInt64) throws {
        #expect(try varint(bytes) == value)
    }

    @Test(
        arguments: [
            ([], .truncated), ([0x80], .truncated), ([0xFF, 0xFF], .truncated),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], .varintTooLong),
            ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .varintTooLong),
        ] as [([UInt8], WireError.Reason)])
    func `varints that are not`(_ bytes: [UInt8], _ reason: WireError.Reason) {
        #expect(throws: WireError(reason, at: 0)) { try varint(bytes) }
    }

    @Test(
        arguments: [
            ([0x00], .invalidTag), ([0x07], .invalidTag), ([0x0E], .invalidTag),
            ([0x80, 0x80, 0x80, 0x80, 0x10], .invalidTag),
        ] as [([UInt8], WireError.Reason)])
    func `tags that are not`(_ bytes: [UInt8], _ reason: WireError.Reason) {
        #expect(throws: WireError(reason, at: 0)) {
            try read(bytes) { cursor, span throws(WireError) in try cursor.readTag(span) }
        }
    }

    @Test func `fixed values are little-endian`() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        #expect(
            try read(bytes) { cursor, span throws(WireError) in try cursor.readFixed32(span) } == 0x0403_0201)
        #expect(
            try read(bytes) { cursor, span throws(WireError) in try cursor.readFixed64(span) }
                == 0x0807_0605_0403_0201)
        #expect(throws: WireError(.truncated, at: 0)) {
            try read([1, 2, 3]) { cursor, span throws(WireError) in try cursor.readFixed32(span) }
        }
    }

    @Test func `a length may not reach past the end`() throws {
        let good = try read([2, 9, 9]) { cursor, span throws(WireError) in
            try cursor.readLengthDelimited(span)
        }
        #expect(good == 1..<3)
        #expect(throws: WireError(.truncated, at: 0)) {
            try read([3, 9, 9]) { cursor, span throws(WireError) in try cursor.readLengthDelimited(span) }
        }
        let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0]
        #expect(throws: WireError(.truncated, at: 0)) {
            try read(huge) { cursor, span throws(WireError) in try cursor.readLengthDelimited(span) }
        }
    }

    /// Skips the first field and returns where the next one begins.
    private func afterFirstField(_ bytes: [UInt8]) throws(WireError) -> Int {
        try read(bytes) { cursor, span throws(WireError) in
            guard let tag = try cursor.readTag(span) else { return 0 }
            try cursor.skip(tag, span)
            return cursor.position
        }
    }

    @Test(
        arguments: [
            [0x08, 0x96, 0x01], [0x09, 1, 2, 3, 4, 5, 6, 7, 8], [0x0A, 2, 1, 1], [0x0D, 1, 2, 3, 4],
            // A group that holds a varint and another group.
            [0x0B, 0x10, 0x05, 0x1B, 0x1C, 0x0C],
        ] as [[UInt8]])
    func `every kind of field is skipped whole`(_ bytes: [UInt8]) throws {
        #expect(try afterFirstField(bytes + [0x08, 0x00]) == bytes.count)
    }

    @Test(
        arguments: [
            ([0x0C], .invalidGroup), ([0x0B, 0x14], .invalidGroup), ([0x0B, 0x08, 0x00], .truncated),
            ([UInt8](repeating: 0x0B, count: 40), .invalidGroup),
        ] as [([UInt8], WireError.Reason)])
    func `groups are closed and do not nest without bound`(_ bytes: [UInt8], _ reason: WireError.Reason) {
        let error = #expect(throws: WireError.self) { try afterFirstField(bytes) }
        #expect(error?.reason == reason)
    }
}
