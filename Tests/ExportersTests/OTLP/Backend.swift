import NIOCore
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

/// A server that keeps what it is sent and answers as the test wants.
final class Backend: Sendable {
    /// What arrived: an HTTP request, or a gRPC call with its message decompressed.
    struct Arrival: Sendable {
        let path: String
        let fields: HTTPFields
        let body: Bytes
    }

    private let state = Mutex<[Arrival]>([])
    private let running = Mutex<Server?>(nil)

    /// What arrived so far, in order.
    var arrivals: [Arrival] { state.withLock { $0 } }

    /// Where it listens.
    var address: ListenAddress { running.withLock { $0?.address } ?? .tcp(host: "127.0.0.1", port: 1) }

    /// Starts a server for HTTP.
    static func http(
        _ answer: @escaping @Sendable (Arrival) -> ServerResponse = { _ in ServerResponse(status: 200) }
    ) async throws -> Backend {
        let backend = Backend()
        let application = HTTPBackend(backend: backend, answer: answer)
        try await backend.start(application)
        return backend
    }

    /// Starts a server for gRPC.
    static func grpc(
        at address: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
        _ answer: @escaping @Sendable (Arrival) -> Result<Bytes, GRPCStatus> = { _ in .success(.empty) }
    ) async throws -> Backend {
        let backend = Backend()
        let service = GRPCBackend(backend: backend, answer: answer)
        try await backend.start(GRPCApplication(service: service, maxMessageSize: 8 << 20), at: address)
        return backend
    }

    func stop() async { await running.withLock { $0 }?.shutdown(grace: .zero) }

    private func start(
        _ application: any ServerApplication, at address: ListenAddress = .tcp(host: "127.0.0.1", port: 0)
    ) async throws {
        let server = try await Server.start(
            ServerConfiguration(address: address), loops: Harness().lanes.map { $0.eventLoop },
            application: application, logger: RecordingLog().logger())
        running.withLock { $0 = server }
    }

    fileprivate func keep(_ arrival: Arrival) { state.withLock { $0.append(arrival) } }
}

private struct HTTPBackend: ServerApplication {
    let backend: Backend
    let answer: @Sendable (Backend.Arrival) -> ServerResponse

    func admit(_ head: ServerRequestHead) -> Admission { .accept(maxBodySize: 8 << 20) }

    func respond(to request: ServerRequest, with responder: Responder) {
        let path = request.path + (request.query.map { "?" + $0 } ?? "")
        let arrival = Backend.Arrival(path: path, fields: request.fields, body: request.body)
        backend.keep(arrival)
        responder.send(answer(arrival))
    }
}

private struct GRPCBackend: GRPCService {
    let backend: Backend
    let answer: @Sendable (Backend.Arrival) -> Result<Bytes, GRPCStatus>

    func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? { nil }

    func call(_ request: GRPCRequest, reply: GRPCReply) {
        let arrival = Backend.Arrival(path: request.path, fields: request.fields, body: request.message)
        backend.keep(arrival)
        switch answer(arrival) {
        case .success(let message): reply.succeed(message)
        case .failure(let status): reply.fail(status)
        }
    }
}

/// Builds an exporter from YAML and closes it after `body`.
func withExporter<Target: Exporter>(
    _ type: Target.Type, _ yaml: String, extensions: [String: any Extension] = [:],
    _ body: (Target) async throws -> Void
) async throws {
    let configuration = try Target.Configuration.decode(yaml: yaml)
    let harness = Harness()
    for (id, found) in extensions { harness.give(found, as: id) }
    let exporter = try Target(configuration, in: harness.context(.exporter, Target.name))
    do {
        try await exporter.open()
        try await body(exporter)
    } catch {
        await exporter.close()
        throw error
    }
    await exporter.close()
}

/// The failure of one export.
func failure(_ exporter: some Exporter, _ batch: Batch) async throws -> ExportFailure {
    let error = await #expect(throws: ExportFailure.self) { _ = try await exporter.export(batch, on: 0) }
    return try #require(error)
}

/// A response whose partial success says something: field 1 of the response, with rejected items and a text.
func partialSuccess(rejected: UInt8, message: String) -> Bytes {
    let inner: [UInt8] = [0x08, rejected, 0x12, UInt8(message.utf8.count)] + Array(message.utf8)
    return Bytes([0x0A, UInt8(inner.count)] + inner)
}
