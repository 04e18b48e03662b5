import NIOCore
import NIOPosix
import Synchronization
import Wire

@testable import Transport

/// What happened on the sockets that a handler serves, and what to do then.
final class RecordingHandler: WebSocketHandler {
    struct Record: Equatable {
        var sockets = 0
        var messages: [String] = []
        var pongs = 0
        var closings: [String] = []
    }

    private let record = Mutex(Record())
    private let sockets = Mutex<[WebSocket]>([])
    private let onMessage: @Sendable (Bytes, WebSocket) -> Void

    init(onMessage: @escaping @Sendable (Bytes, WebSocket) -> Void = { _, _ in }) {
        self.onMessage = onMessage
    }

    /// Sends every message back.
    static func echo() -> RecordingHandler {
        RecordingHandler { message, socket in _ = socket.send([message]) }
    }

    var seen: Record { record.withLock { $0 } }
    var socket: WebSocket? { sockets.withLock { $0.last } }

    func opened(_ socket: WebSocket) {
        sockets.withLock { $0.append(socket) }
        record.withLock { $0.sockets += 1 }
    }

    func received(_ message: Bytes, isBinary: Bool, on socket: WebSocket) {
        record.withLock { $0.messages.append((isBinary ? "binary " : "text ") + message.string) }
        onMessage(message, socket)
    }

    func ponged(_ socket: WebSocket) { record.withLock { $0.pongs += 1 } }

    func closed(_ socket: WebSocket, code: UInt16?, reason: String) {
        record.withLock { $0.closings.append(code.map { "\($0) \(reason)" } ?? "gone") }
    }

    /// An application that makes a WebSocket of every request that asks for one.
    var application: TestApplication {
        TestApplication(admission: { _ in .upgrade(WebSocketAcceptance(handler: self)) })
    }
}

/// Frames as bytes, right or wrong.
enum RawFrame {
    static let binary: UInt8 = 0x82
    static let text: UInt8 = 0x81
    static let close: UInt8 = 0x88
    static let ping: UInt8 = 0x89
    static let pong: UInt8 = 0x8A

    /// A frame with a first byte of any kind; masked as a client's with a mask.
    static func make(_ first: UInt8, _ payload: [UInt8], mask: [UInt8]? = [1, 2, 3, 4]) -> [UInt8] {
        var frame = [first]
        let bit: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ...125: frame.append(bit | UInt8(payload.count))
        case ...0xFFFF: frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(bit | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard let mask else { return frame + payload }
        return frame + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }

    static func make(_ first: UInt8, _ text: String) -> [UInt8] { make(first, Array(text.utf8)) }

    /// What a server says goodbye with.
    static func goodbye(_ code: UInt16) -> [UInt8] { [UInt8(code >> 8), UInt8(code & 0xFF)] }
}

extension RawClient {
    static let upgrade =
        "GET /socket HTTP/1.1\r\nhost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    /// Asks for a WebSocket and reads the answer.
    func openWebSocket() async -> String? {
        send(Self.upgrade)
        return await read(until: "\r\n\r\n")
    }
}

/// Opens a client's socket on a loop of its own for the length of `body`.
func withWebSocket<Result>(
    to address: ListenAddress, handler: any WebSocketHandler,
    configure: (inout WebSocketClient.Request) -> Void = { _ in },
    _ body: (WebSocket) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var request = WebSocketClient.Request(url: "ws://\(address)/socket")
    request.proxy = .direct
    configure(&request)
    do {
        let socket = try await WebSocketClient.connect(request, handler: handler, on: group.next())
        let result = try await body(socket)
        try await group.shutdownGracefully()
        return result
    } catch {
        try await group.shutdownGracefully()
        throw error
    }
}
