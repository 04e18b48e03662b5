import Compression
import Testing
import Wire

@testable import Transport

@Suite struct GRPCFramingTests {
    private func message(
        _ bytes: [UInt8], encoding: String? = nil, limit: Int = 100
    ) throws(GRPCStatus) -> [UInt8] {
        try GRPCFraming.message(in: Bytes(bytes), encoding: { encoding }, limit: limit).array
    }

    @Test func `a framed message comes out again`() throws {
        #expect(try message(GRPCFraming.frame(Bytes([1, 2, 3])).array) == [1, 2, 3])
        #expect(try message(GRPCFraming.frame(.empty).array) == [])
    }

    @Test(
        arguments: [
            [], [0], [0, 0, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0, 0, 0, 1, 1, 1], [2, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `anything but one whole message is an internal error`(bytes: [UInt8]) {
        let status = #expect(throws: GRPCStatus.self) { try message(bytes) }
        #expect(status?.code == .internal)
    }

    @Test func `a message over the limit is refused for good`() {
        let status = #expect(throws: GRPCStatus.self) {
            try message([0, 0, 0, 0, 3, 1, 2, 3], limit: 2)
        }
        #expect(status?.code == .resourceExhausted)
        #expect(status?.details == nil)
    }

    @Test func `a compressed flag needs an encoding that is known`() {
        let compressed: [UInt8] = [1, 0, 0, 0, 1, 9]
        let none = #expect(throws: GRPCStatus.self) { try message(compressed) }
        #expect(none?.code == .internal)
        let identity = #expect(throws: GRPCStatus.self) { try message(compressed, encoding: "identity") }
        #expect(identity?.code == .internal)
        let unknown = #expect(throws: GRPCStatus.self) { try message(compressed, encoding: "lz5") }
        #expect(unknown?.code == .unimplemented)
        let corrupt = #expect(throws: GRPCStatus.self) { try message(compressed, encoding: "gzip") }
        #expect(corrupt?.code == .internal)
    }

    @Test(arguments: [
        ("gzip", CompressionAlgorithm.gzip), ("deflate", .deflate), ("zstd", .zstd), ("snappy", .snappy),
    ])
    func `every encoding is decompressed within the limit`(
        name: String, algorithm: CompressionAlgorithm
    ) throws {
        let content = Bytes([UInt8](repeating: 65, count: 5000))
        let compressed = try Compressor(algorithm).compress([content])
        var body = GRPCFraming.frame(compressed).array
        body[0] = 1
        #expect(try message(body, encoding: name, limit: 5000) == content.array)
        let status = #expect(throws: GRPCStatus.self) { try message(body, encoding: name, limit: 4999) }
        #expect(status?.code == .resourceExhausted)
    }
}
