import Pipeline
import Testing
import Wire

@testable import Exporters

@Suite struct PartialSuccessTests {
    @Test(
        arguments: [
            ([], 0, ""), ([0x0A, 0x00], 0, ""), ([0x0A, 0x02, 0x08, 0x05], 5, ""),
            ([0x0A, 0x06, 0x08, 0x02, 0x12, 0x02, 0x6E, 0x6F], 2, "no"),
            // A warning, and a field of a later version in front of it.
            ([0x10, 0x01, 0x0A, 0x04, 0x12, 0x02, 0x6E, 0x6F], 0, "no"),
        ] as [([UInt8], Int, String)])
    func `a response is read`(bytes: [UInt8], rejected: Int, message: String) throws {
        let outcome = try PartialSuccess.outcome(of: Bytes(bytes))
        #expect(outcome == ExportOutcome(rejectedItems: rejected, message: message))
    }

    @Test(arguments: [[0x0A, 0x05, 0x08], [0x0A], [0xFF, 0xFF], [0x0A, 0x02, 0x12, 0x05]] as [[UInt8]])
    func `what is not protobuf is an error`(bytes: [UInt8]) {
        #expect(throws: WireError.self) { try PartialSuccess.outcome(of: Bytes(bytes)) }
    }

    @Test func `a long message is cut`() throws {
        let text = [0x12, 0xD0, 0x0F] + Array(repeating: UInt8(ascii: "x"), count: 2000)
        let outcome = try PartialSuccess.outcome(of: Bytes([0x0A, 0xD3, 0x0F] + text))
        #expect(outcome.message.utf8.count == 1024)
    }
}
