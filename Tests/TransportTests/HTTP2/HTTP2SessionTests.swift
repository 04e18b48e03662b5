import NIOCore
import Testing
import Wire

@testable import Transport

@Suite struct HTTP2SessionTests {
    private func respond(_ pair: SessionPair, _ body: [Bytes], trailers: HTTPFields? = nil) {
        pair.serverEvents.onMessage = { [unowned pair] stream in
            pair.server.submitResponse(
                stream, status: 200, fields: ["a": "b"], body: body, trailers: trailers)
        }
    }

    @Test func `a request of several parts and its answer with trailers arrive whole`() throws {
        let pair = try SessionPair()
        respond(pair, [Bytes([9]), .empty, Bytes([8])], trailers: ["trailer": "t"])
        let parts = [Bytes([1, 2]), .empty, Bytes([UInt8](repeating: 3, count: 40_000))]
        #expect(pair.get("/a", body: parts) != nil)
        try pair.settle()
        #expect(pair.serverEvents.messages.map { $0.target } == ["/a"])
        #expect(pair.serverEvents.messages.first?.body == [1, 2] + [UInt8](repeating: 3, count: 40_000))
        #expect(pair.clientEvents.messages == [.init(target: "", status: 200, body: [9, 8], trailer: "t")])
        #expect(pair.clientEvents.closed == [0])
        #expect(pair.server.streams.isEmpty)
        #expect(pair.budget.used == 0)
    }

    @Test func `a frame is planned no longer than what is left to send, the window or the limits`() throws {
        let pair = try SessionPair()
        #expect(pair.get("/", body: [Bytes([1, 2]), Bytes([UInt8](repeating: 3, count: 3_000_000))]) != nil)
        let stream = try #require(pair.client.streams.first)
        var sent = ByteBuffer()
        // One frame at a time: the stream exists once its headers are out.
        while pair.client.stream(stream.id) == nil {
            guard try pair.client.drain(into: &sent, limit: sent.readableBytes + 1) else { break }
        }
        func length(_ window: Int, _ peerFrameSize: Int) -> Int {
            pair.client.frameLength(stream.id, window: window, peerFrameSize: peerFrameSize)
        }
        #expect(length(10_000_000, 16_384) == 16_384)
        #expect(length(1000, 16_384) == 1000)
        #expect(length(10_000_000, 10_000_000) == 1 << 20)
        stream.outgoingCount = 7
        #expect(length(10_000_000, 16_384) == 7)
        #expect(pair.client.frameLength(99, window: 1000, peerFrameSize: 1000) == 1)
    }

    @Test func `an answer without a body ends with its headers`() throws {
        let pair = try SessionPair()
        respond(pair, [])
        #expect(pair.get("/") != nil)
        try pair.settle()
        #expect(pair.clientEvents.messages == [.init(target: "", status: 200, body: [], trailer: nil)])
    }

    @Test func `bodies larger than every window get through`() throws {
        var limits = HTTP2Limits()
        limits.streamWindow = 100_000
        limits.connectionWindow = 150_000
        let pair = try SessionPair(server: limits)
        pair.serverEvents.limit = 10 << 20
        respond(pair, [])
        let body = Bytes((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 / 1000) })
        #expect(pair.get("/big", body: [body]) != nil)
        try pair.settle()
        #expect(pair.serverEvents.messages.first?.body == body.array)
    }

    @Test func `a body over the limit is reported once and the rest is thrown away`() throws {
        let pair = try SessionPair()
        pair.serverEvents.limit = 1000
        #expect(pair.get("/", body: [Bytes([UInt8](repeating: 0, count: 100_000))]) != nil)
        try pair.settle()
        #expect(pair.serverEvents.tooLarge == 1)
        #expect(pair.serverEvents.messages.isEmpty)
        #expect(pair.budget.used == 0)
    }

    @Test func `a client that has its answer is told to stop sending much more`() throws {
        var limits = HTTP2Limits()
        limits.streamWindow = 70_000
        let pair = try SessionPair(server: limits)
        pair.serverEvents.onHeaders = { [unowned pair] stream in
            stream.body.discard(budget: pair.budget)
            pair.server.submitResponse(stream, status: 401, fields: [:], body: [], trailers: nil)
        }
        #expect(pair.get("/", body: [Bytes([UInt8](repeating: 0, count: 10_000_000))]) != nil)
        try pair.settle()
        #expect(pair.clientEvents.messages.map { $0.status } == [401])
        #expect(pair.clientEvents.closed == [HTTP2ErrorCode.noError])
        #expect(pair.server.streams.isEmpty)
    }

    @Test func `header lists over the limit are not kept`() throws {
        var limits = HTTP2Limits()
        limits.maxHeaderBytes = 10_000
        let pair = try SessionPair(server: limits)
        let fields: HTTPFields = ["x": String(repeating: "v", count: 20_000)]
        #expect(pair.get("/", fields: fields) != nil)
        try pair.settle()
        #expect(pair.serverEvents.headersTooLargeCount == 1)
        #expect(pair.server.streams.allSatisfy { $0.fields.isEmpty })
    }

    @Test func `too many fields are too large as well`() throws {
        let pair = try SessionPair()
        var fields = HTTPFields()
        for number in 0..<300 { fields.add("f\(number)", "") }
        #expect(pair.get("/", fields: fields) != nil)
        try pair.settle()
        #expect(pair.serverEvents.headersTooLargeCount == 1)
    }

    @Test func `a reset reaches the other end and frees the stream`() throws {
        let pair = try SessionPair()
        let stream = try #require(pair.get("/"))
        try pair.settle()
        #expect(pair.server.streams.count == 1)
        pair.client.reset(stream, errorCode: HTTP2ErrorCode.cancel)
        try pair.settle()
        #expect(pair.server.streams.isEmpty)
        #expect(pair.serverEvents.closed == [HTTP2ErrorCode.cancel])
        #expect(pair.clientEvents.closed == [HTTP2ErrorCode.cancel])
    }

    @Test func `streams above the last one of a GOAWAY are reported as not processed`() throws {
        let pair = try SessionPair()
        pair.server.refuseNewStreams()
        let goAway = try pair.takeFromServer()
        #expect(pair.get("/late") != nil)
        try pair.settle()
        try pair.give(toClient: goAway)
        #expect(pair.clientEvents.goAways == [HTTP2ErrorCode.noError])
        #expect(pair.clientEvents.closed == [HTTP2ErrorCode.refusedStream])
        #expect(pair.client.streams.isEmpty)
    }

    @Test func `a stream that begins before the GOAWAY is made is processed, and the GOAWAY names it`() throws
    {
        let pair = try SessionPair()
        pair.server.refuseNewStreams()
        #expect(pair.get("/in-time") != nil)
        try pair.settle()
        #expect(pair.clientEvents.goAways == [HTTP2ErrorCode.noError])
        #expect(pair.clientEvents.closed.isEmpty)
        #expect(pair.server.streams.count == 1)
    }

    @Test func `closing a session reports and frees what is open`() throws {
        let pair = try SessionPair()
        for number in 0..<10 { #expect(pair.get("/\(number)") != nil) }
        try pair.settle()
        #expect(pair.server.streams.count == 10)
        pair.server.close()
        pair.client.close()
        #expect(pair.serverEvents.closed.count == 10)
        #expect(pair.clientEvents.closed.count == 10)
        #expect(pair.get("/after") == nil)
    }

    @Test func `many resets in a moment end the connection calmly`() throws {
        let pair = try SessionPair()
        for _ in 0..<1500 where !pair.server.isFlooded {
            let stream = try #require(pair.get("/"))
            // A stream that is reset before it got out is never seen by the server.
            try pair.settle()
            pair.client.reset(stream, errorCode: HTTP2ErrorCode.cancel)
            try pair.settle()
        }
        #expect(pair.server.isFlooded)
        #expect(pair.clientEvents.goAways == [HTTP2ErrorCode.enhanceYourCalm])
    }

    @Test func `many pings in a moment end the connection calmly`() throws {
        let pair = try SessionPair()
        for _ in 0..<3000 where !pair.server.isFlooded {
            pair.client.ping()
            try pair.settle()
        }
        #expect(pair.server.isFlooded)
        #expect(pair.clientEvents.goAways == [HTTP2ErrorCode.enhanceYourCalm])
    }

    @Test func `bytes that are not HTTP/2 are an error`() throws {
        let pair = try SessionPair()
        let error = pair.failureOfServer(reading: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(error?.kind == .protocolError)
    }

    @Test func `a body that waits for memory holds its client back until there is some`() throws {
        let pair = try SessionPair()
        pair.serverEvents.limit = 32 << 20
        let size = 8 << 20
        // Somebody else holds nearly all of the budget.
        #expect(pair.budget.reserve(60 << 20))
        respond(pair, [])
        #expect(pair.get("/", body: [Bytes([UInt8](repeating: 1, count: size))]) != nil)
        try pair.settle()
        #expect(pair.serverEvents.messages.isEmpty)
        #expect(pair.server.hasWaiting)
        #expect(pair.server.unconsumed <= pair.server.limits.streamWindow)
        pair.budget.release(60 << 20)
        #expect(pair.server.retryWaiting())
        try pair.settle()
        #expect(pair.serverEvents.messages.first?.body.count == size)
        #expect(pair.budget.used == 0)
    }
}
