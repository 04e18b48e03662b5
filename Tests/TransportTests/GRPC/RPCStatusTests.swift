import Testing
import Wire

@testable import Transport

@Suite struct RPCStatusTests {
    @Test func `a status with details comes out again`() {
        let status = RPCStatus(
            code: 8, message: "später",
            details: [
                .retryInfo(delay: .seconds(3) + .milliseconds(250)),
                .badRequest([.init(field: "a.b", description: "wrong"), .init(field: "", description: "x")]),
                .other(typeURL: "type.googleapis.com/google.rpc.DebugInfo", value: [1, 2]),
            ])
        #expect(RPCStatus(decoding: status.encoded()) == status)
        #expect(status.retryDelay == .milliseconds(3250))
    }

    @Test func `the encoding is what protobuf prescribes`() {
        let status = RPCStatus(code: 14, message: "no")
        #expect(status.encoded().array == [0x08, 14, 0x12, 2, 0x6E, 0x6F])
        #expect(RPCStatus(code: 0, message: "").encoded().isEmpty)
    }

    @Test(
        arguments: [
            [0x08], [0x12, 5, 1], [0x08, 0x80], [0x03], [0x1A, 2, 0x12, 9], [0x00, 0x00],
            [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        ] as [[UInt8]])
    func `malformed bytes are no status`(bytes: [UInt8]) {
        #expect(RPCStatus(decoding: Bytes(bytes)) == nil)
    }

    @Test func `unknown fields of every wire type are skipped`() throws {
        let bytes: [UInt8] = [
            0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7D, 1, 2, 3, 4, 0x7A, 1, 9, 0x78, 5, 0x08, 3,
        ]
        #expect(try #require(RPCStatus(decoding: Bytes(bytes))).code == 3)
    }
}
