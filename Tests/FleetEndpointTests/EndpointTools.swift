import Fleet
import FleetModel
import Glibc
import Logging
import NIOCore
import NIOPosix
import PipelineTesting
import Synchronization
import Transport
import Wire

@testable import FleetEndpoint

/// Takes messages down and answers as a test says.
final class FakeReception: AgentReception {
    struct Record: Equatable {
        var messages: [String] = []
        var heard = 0
        var closed = 0
    }

    typealias Answer = @Sendable (Bytes, any AgentConnection) -> GatewayAnswer

    private let record = Mutex(Record())
    private let connections = Mutex<[any AgentConnection]>([])
    private let answer: Answer

    init(_ answer: @escaping Answer = { message, _ in .send([Bytes(utf8: "re: "), message]) }) {
        self.answer = answer
    }

    var seen: Record { record.withLock { $0 } }
    var connection: (any AgentConnection)? { connections.withLock { $0.last } }

    func receive(_ message: Bytes, over connection: any AgentConnection) -> GatewayAnswer {
        record.withLock { $0.messages.append(message.string) }
        connections.withLock { $0.append(connection) }
        return answer(message, connection)
    }

    func heard(_ connection: any AgentConnection) { record.withLock { $0.heard += 1 } }
    func closed(_ connection: any AgentConnection) { record.withLock { $0.closed += 1 } }
}

/// Lets in whoever says the word.
struct FakeDoor: AgentDoor {
    func agent(
        authorization: String?, certificateName: String?, certificateSerial: String?, address: String
    ) throws(AgentRefusal) -> AgentPrincipal {
        switch authorization {
        case "Bearer right": return .anyone
        case "Bearer again": throw .throttled(after: .milliseconds(2500))
        default: throw .unauthenticated("the token is not valid")
        }
    }
}

/// What a client's socket got.
final class FakeAgent: WebSocketHandler {
    struct Record: Equatable {
        var messages: [[UInt8]] = []
        var closings: [UInt16?] = []
    }

    private let record = Mutex(Record())

    var seen: Record { record.withLock { $0 } }

    func opened(_ socket: WebSocket) {}
    func received(_ message: Bytes, isBinary: Bool, on socket: WebSocket) {
        record.withLock { $0.messages.append(message.array) }
    }
    func closed(_ socket: WebSocket, code: UInt16?, reason: String) {
        record.withLock { $0.closings.append(code) }
    }
}

/// An endpoint and what it takes to talk to it, for the length of a test.
struct EndpointBench {
    let endpoint: FleetEndpoint
    let clock: ManualClock
    let group: MultiThreadedEventLoopGroup

    /// Opens a WebSocket.
    func connect(
        _ agent: FakeAgent, fields: HTTPFields = ["authorization": "Bearer right"]
    ) async throws(WebSocketClient.Failure) -> WebSocket {
        var request = WebSocketClient.Request(url: "ws://\(endpoint.address)/v1/opamp")
        request.proxy = .direct
        request.fields = fields
        return try await WebSocketClient.connect(request, handler: agent, on: group.next())
    }

    /// What the server said instead of opening a WebSocket.
    func refusal(
        fields: HTTPFields = ["authorization": "Bearer right"]
    ) async -> WebSocketClient.Refusal? {
        do throws(WebSocketClient.Failure) {
            _ = try await connect(FakeAgent(), fields: fields)
            return nil
        } catch {
            if case .refused(let refusal) = error { return refusal }
            return nil
        }
    }

    /// Sends one request over plain HTTP.
    func send(
        _ body: Bytes, method: String = "POST", path: String = "/v1/opamp",
        type: String = "application/x-protobuf", fields: HTTPFields = ["authorization": "Bearer right"]
    ) async throws -> ClientResponse {
        var configuration = ClientConfiguration(target: endpoint.address)
        configuration.proxy = .direct
        configuration.versions = .http1
        let client = try Client(
            configuration, loops: [group.next()],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var fields = fields
        fields.add("content-type", type)
        let request = ClientRequest(method: method, path: path, fields: fields, body: [body])
        let response = try await client.send(request, timeout: .seconds(20))
        await client.close(grace: .zero)
        return response
    }
}

/// An endpoint on a port of its own for the length of `body`.
func withEndpoint<Result>(
    _ reception: FakeReception, packages: PackageLibrary? = nil,
    configure: (inout FleetEndpointConfiguration) -> Void = { _ in },
    _ body: (EndpointBench) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    var configuration = FleetEndpointConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
    configuration.drainTime = .zero
    configuration.maxConnections = 10
    configure(&configuration)
    let clock = ManualClock()
    let endpoint = try await FleetEndpoint.start(
        configuration, reception: reception, door: FakeDoor(), packages: packages,
        loops: group.makeIterator().map { $0 }, clock: clock,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let bench = EndpointBench(endpoint: endpoint, clock: clock, group: group)
    do {
        let result = try await body(bench)
        await endpoint.shutdown()
        try await group.shutdownGracefully()
        return result
    } catch {
        await endpoint.shutdown()
        try await group.shutdownGracefully()
        throw error
    }
}

/// Lets the other tasks of a test go on until `condition` holds, for 20 seconds at most.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while !condition() {
        guard ContinuousClock.now < end else { return false }
        await Task.yield()
    }
    return true
}

/// An agent that sends, and reads when it is told to.
final class DeafAgent: Sendable {
    /// Reading waits, and must not wait for what else waits.
    private static let threads = {
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        return threads
    }()

    private let descriptor: CInt

    /// - Parameters:
    ///   - address: Where to connect to.
    ///   - receiveBuffer: What may have arrived without being read, in bytes; as the system likes without it.
    init(_ address: ListenAddress, receiveBuffer: CInt? = nil) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<CInt>.size))
        }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(address.port ?? 0).bigEndian
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        withUnsafePointer(to: &target) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(descriptor) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    func download(_ hash: ContentHash) {
        send(
            Array("GET /v1/packages/\(hash) HTTP/1.1\r\nhost: x\r\nauthorization: Bearer right\r\n\r\n".utf8))
    }

    /// `POLLRDHUP`, which the C library has for those who ask for GNU's additions.
    private static let hangUp: Int16 = 0x2000

    /// Reads up to so many bytes, and nothing for so many milliseconds before; nil when the manager closes.
    func read(_ count: Int, after milliseconds: CInt = 0) async -> [UInt8]? {
        let work: @Sendable () -> [UInt8]? = { [descriptor] in
            var entry = pollfd(fd: descriptor, events: Self.hangUp, revents: 0)
            guard milliseconds == 0 || poll(&entry, 1, milliseconds) == 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: count)
            let length = recv(descriptor, &bytes, count, CInt(MSG_WAITALL))
            return length > 0 ? Array(bytes.prefix(length)) : nil
        }
        return (try? await Self.threads.runIfActive(work)) ?? nil
    }

    func openWebSocket() {
        let text =
            "GET /v1/opamp HTTP/1.1\r\nhost: x\r\nauthorization: Bearer right\r\nupgrade: websocket\r\n"
            + "connection: upgrade\r\nsec-websocket-version: 13\r\n"
            + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        send(Array(text.utf8))
    }
}
