import NIOCore
import Wire

@testable import Transport

/// A client's and a server's session that talk to each other in memory.
final class SessionPair {
    let budget = BodyBudget(limit: 64 << 20)
    let serverEvents = RecordingObserver()
    let clientEvents = RecordingObserver()
    let server: HTTP2Session
    let client: HTTP2Session

    init(server limits: HTTP2Limits = HTTP2Limits(), client clientLimits: HTTP2Limits = HTTP2Limits()) throws
    {
        server = try HTTP2Session(role: .server, limits: limits, budget: budget)
        client = try HTTP2Session(role: .client, limits: clientLimits, budget: BodyBudget(limit: .max / 4))
        server.observer = serverEvents
        client.observer = clientEvents
        serverEvents.session = server
        clientEvents.session = client
    }

    deinit {
        server.close()
        client.close()
    }

    /// Carries bytes to and fro until both have nothing to say.
    func settle() throws {
        var moved = true
        while moved {
            moved = try carry(from: client, to: server)
            moved = try carry(from: server, to: client) || moved
        }
    }

    /// What the server has to say now, not carried to the client yet.
    func takeFromServer() throws -> [UInt8] {
        var buffer = ByteBuffer()
        _ = try server.drain(into: &buffer, limit: 1 << 20)
        return Array(buffer.readableBytesView)
    }

    /// Carries what was taken from the server to the client.
    func give(toClient bytes: [UInt8]) throws {
        if let failure = Self.failure(of: client, reading: bytes) { throw failure }
    }

    private func carry(from: HTTP2Session, to: HTTP2Session) throws -> Bool {
        var buffer = ByteBuffer()
        _ = try from.drain(into: &buffer, limit: 1 << 20)
        if let failure = Self.failure(of: to, reading: Array(buffer.readableBytesView)) { throw failure }
        return buffer.readableBytes > 0
    }

    /// What the server has against these bytes.
    func failureOfServer(reading bytes: [UInt8]) -> TransportError? {
        Self.failure(of: server, reading: bytes)
    }

    private static func failure(of session: HTTP2Session, reading bytes: [UInt8]) -> TransportError? {
        bytes.withUnsafeBytes { bytes in
            do throws(TransportError) {
                try session.receive(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    func get(_ path: String, body: [Bytes] = [], fields: HTTPFields = [:]) -> HTTP2Stream? {
        client.submitRequest(
            HTTP2Request(
                method: body.isEmpty ? "GET" : "POST", scheme: "http", authority: "test", path: path,
                fields: fields, body: body))
    }
}

/// Writes down what a session reports.
final class RecordingObserver: HTTP2SessionObserver {
    struct Message: Equatable {
        var target: String
        var status: Int
        var body: [UInt8]
        var trailer: String?
    }

    weak var session: HTTP2Session?
    var messages: [Message] = []
    var closed: [UInt32] = []
    var tooLarge = 0
    var headersTooLargeCount = 0
    var refused = 0
    var pings = 0
    var pongs = 0
    var goAways: [UInt32] = []
    var limit = 1 << 20
    var onHeaders: ((HTTP2Stream) -> Void)?
    var onMessage: ((HTTP2Stream) -> Void)?

    func headersReceived(_ stream: HTTP2Stream) {
        _ = stream.body.begin(limit: limit, framing: .plain, expected: nil)
        onHeaders?(stream)
    }

    func headersTooLarge(_ stream: HTTP2Stream) { headersTooLargeCount += 1 }

    func messageReceived(_ stream: HTTP2Stream) {
        guard let session else { return }
        messages.append(
            Message(
                target: stream.target, status: stream.status,
                body: stream.body.finish(budget: session.budget).array, trailer: stream.trailers?["trailer"]))
        onMessage?(stream)
    }

    func bodyTooLarge(_ stream: HTTP2Stream) { tooLarge += 1 }
    func bodyRefused(_ stream: HTTP2Stream) { refused += 1 }
    func streamClosed(_ stream: HTTP2Stream, errorCode: UInt32) { closed.append(errorCode) }
    func pingReceived() { pings += 1 }
    func pingAnswered() { pongs += 1 }
    func settingsReceived() {}
    func goAwayReceived(lastStream: Int32, errorCode: UInt32) { goAways.append(errorCode) }
}
