import Control
import Delivery
import Glibc
import Logging
import NIOCore
import NIOPosix
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Wire

@testable import AdminAPI
@testable import Engine
@testable import HTTPAPI
@testable import Transport

/// Keeps what it is told.
final class RecordingAudit: AdminAudit {
    private let kept = Mutex<[APIAuditEntry]>([])

    var entries: [APIAuditEntry] { kept.withLock { $0 } }

    func record(_ entry: APIAuditEntry) async { kept.withLock { $0.append(entry) } }
}

/// What a test says to the API and hears from it.
struct Answer {
    let status: Int
    let fields: HTTPFields
    let text: String

    var tree: Tree? { try? Tree(json: text, source: ConfigurationSource(.inline, "answer")) }
    var etag: String { fields["etag"] ?? "" }
}

/// The API of a collector that is not there, with clients for a unix socket and for TCP.
final class TestAPI: Sendable {
    let control: FakeControl
    let clock = ManualClock()
    let audit = RecordingAudit()
    let events: EventLog
    let log = LogOutput(descriptors: [])
    let tokens: TokenStore
    let server: AdminServer
    private let unix: Client
    private let tcp: Client

    static func with(
        control: FakeControl? = nil, configure: (inout AdminContext) -> Void = { _ in },
        _ body: (TestAPI) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let directory = "/tmp/apus-admin-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let api = try await TestAPI(
            try control ?? FakeControl(), directory, group.makeIterator().map { $0 }, configure)
        let result: Result<Void, any Error>
        do {
            try await body(api)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await api.unix.close(grace: .zero)
        await api.tcp.close(grace: .zero)
        await api.server.shutdown(grace: .zero)
        try await group.shutdownGracefully()
        unlink(directory + "/tokens")
        rmdir(directory)
        try result.get()
    }

    private init(
        _ control: FakeControl, _ directory: String, _ loops: [any EventLoop],
        _ configure: (inout AdminContext) -> Void
    ) async throws {
        self.control = control
        events = EventLog(clock: clock)
        tokens = TokenStore(directory: directory)
        let snapshot = Self.snapshot
        var context = AdminContext(
            control: control, snapshot: { snapshot }, events: events, log: log,
            catalog: ComponentCatalog(extensions: [SampleExtension.self]), clock: clock, version: "1.2.3",
            tokens: tokens, access: AdminAccess(users: [getuid()]), audit: audit)
        context.metrics = { "apus 1\n" }
        context.rates = { edge in
            guard case .pipeline = edge else { return nil }
            let rate = EdgeRates.Rate(items: 1.5, bytes: 2, errors: 0)
            return EdgeRates(edge: edge, second: rate, minute: rate, tenMinutes: rate)
        }
        configure(&context)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        server = try await AdminServer.start(
            [
                .init(.unix(path: directory + ".sock")), .init(.tcp(host: "127.0.0.1", port: 0)),
            ], context, loops: loops, logger: logger)
        var configurations = server.addresses.map { ClientConfiguration(target: $0) }
        for index in configurations.indices { configurations[index].proxy = .direct }
        unix = try Client(configurations[0], loops: loops, logger: logger)
        tcp = try Client(configurations[1], loops: loops, logger: logger)
    }

    /// Over the unix socket, where this process may do everything.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json",
        _ fields: HTTPFields = [:]
    ) async throws -> Answer {
        try await send(unix, method, path, body, type, fields)
    }

    /// Over TCP, where nobody may do anything without a token.
    func sendTCP(
        _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json",
        token: String? = nil, _ fields: HTTPFields = [:]
    ) async throws -> Answer {
        var fields = fields
        if let token { fields["authorization"] = "Bearer \(token)" }
        return try await send(tcp, method, path, body, type, fields)
    }

    func token(_ role: AdminRole, life: Duration? = nil) throws -> String {
        try tokens.create(name: "test-\(role.rawValue)", role: role, at: clock.unixNanoseconds, life: life)
            .text
    }

    private func send(
        _ client: Client, _ method: String, _ path: String, _ body: String?, _ type: String,
        _ fields: HTTPFields
    ) async throws -> Answer {
        var fields = fields
        if body != nil, !fields.contains("content-type") { fields["content-type"] = type }
        let request = ClientRequest(
            method: method, path: path, fields: fields, body: body.map { [Bytes(utf8: $0)] } ?? [])
        let response = try await client.send(request, timeout: .seconds(60))
        return Answer(status: response.status, fields: response.fields, text: response.body.string)
    }

    static let snapshot: CollectorSnapshot = {
        let traces = PipelineID(signal: .traces, name: "a b")
        let component = ComponentSnapshot(
            kind: .exporter, id: ComponentID(type: "otlp", name: "backup"), type: "otlp_grpc", instance: 2,
            status: .recoverableError("no backend"), since: 1_700_000_000_000_000_000,
            history: [StatusChange(time: 1_600_000_000_000_000_000, status: .ok)], pipelines: [traces])
        return CollectorSnapshot(
            time: 1_700_000_000_000_000_000, uptime: .seconds(5), isReady: true, components: [component],
            pipelines: [
                PipelineSnapshot(
                    id: traces, receivers: [ComponentID(type: "otlp")],
                    steps: [
                        StepSnapshot(
                            id: ComponentID(type: "batch"), incoming: 7, outgoing: 5,
                            removed: [.filtered: 2], rejected: 0, lost: 0)
                    ],
                    destinations: [
                        DestinationSnapshot(
                            id: component.id, items: [.delivered: 4, .queued: 1], unplaced: 0)
                    ], accepted: 7, acceptedBytes: 700, refused: 1, held: 0)
            ],
            receivers: [],
            queues: [
                QueueSnapshot(
                    exporter: component.id, signal: .traces, size: 1, capacity: 10, unit: "requests",
                    inFlight: 0, sent: 4, sendFailed: 0, bytesOnDisk: 0, deadLetters: 0)
            ])
    }()
}

/// Lets the other tasks of a test go on until `condition` holds, for 10 seconds at most.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while await !condition() {
        guard ContinuousClock.now < end else { return false }
        await Task.yield()
    }
    return true
}
