import Testing
import Wire

@testable import Transport

@Suite struct ArrivingBodyTests {
    @Test func `a length that is only claimed gets no memory`() {
        let body = ArrivingBody(limit: 256 << 20, expected: 256 << 20)
        #expect(body.capacity == 64 << 10)
        let small = ArrivingBody(limit: 256 << 20, expected: 1000)
        #expect(small.capacity == 1000)
    }

    @Test func `memory follows what has come, and holds all of it`() {
        var body = ArrivingBody(limit: 1 << 20, expected: nil)
        let piece = [UInt8](0..<200)
        for _ in 0..<5000 {
            let outcome = piece.withUnsafeBytes { body.take($0, room: { .max }) }
            #expect(outcome == .kept)
        }
        #expect(body.capacity >= 1_000_000 && body.capacity <= 2_000_000)
        let whole = body.finish()
        #expect(whole.count == 1_000_000 && whole[999_999] == 199)
    }

    @Test func `the limit and the room of the process are kept`() {
        let piece = [UInt8](repeating: 1, count: 100_000)
        var body = ArrivingBody(limit: 250_000, expected: nil)
        #expect(piece.withUnsafeBytes { body.take($0, room: { 100_000 }) } == .kept)
        #expect(piece.withUnsafeBytes { body.take($0, room: { 99_999 }) } == .noRoom)
        #expect(piece.withUnsafeBytes { body.take($0, room: { .max }) } == .kept)
        #expect(piece.withUnsafeBytes { body.take($0, room: { .max }) } == .tooLarge)
    }

    @Test(arguments: [(1000, true), (1 << 20, false)])
    func `a client asks for the room that an answer needs`(size: Int, fits: Bool) async throws {
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-length: \(size)\r\n\r\n" + String(repeating: "x", count: size)
        try await withRawServer { _, _ in
            .text(answer)
        } _: { _, address in
            try await withClient(address) { configuration in
                configuration.versions = .http1
                configuration.room = { 0 }
            } _: { client in
                let error = await failure { try await client.post("x") }
                #expect(error?.kind == (fits ? nil : .overloaded))
                #expect(fits || error?.message.contains("no memory") == true)
            }
        }
    }
}
