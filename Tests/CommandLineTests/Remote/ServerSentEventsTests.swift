import Testing
import Transport

@testable import CommandLine

@Suite struct ServerSentEventsTests {
    private static let stream = """
        : a comment
        event: telemetry
        data: one
        data: two
        id: 7

        data:three\r
        \r
        event: nothing

        data: last

        """

    @Test(arguments: [1, 2, 7, 1000])
    func `events are the same however the stream is cut`(size: Int) throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        let bytes = Array((Self.stream + "\n").utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += try parser.take(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(
            events == [
                ServerSentEvent(kind: "telemetry", data: "one\ntwo"), ServerSentEvent(data: "three"),
                ServerSentEvent(data: "last"),
            ])
    }

    @Test func `a line without an end is refused at the limit`() throws {
        var parser = ServerSentEventParser()
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 8 << 20)
        for _ in 0..<4 { #expect(try parser.take(piece).isEmpty) }
        #expect(throws: TransportError.self) { try parser.take(piece) }
    }
}
