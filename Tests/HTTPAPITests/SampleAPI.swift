import HTTPAPI
import Logging
import NIOCore
import NIOPosix
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Transport
import Wire

/// Who asks the sample API: `Bearer reader` and `Bearer writer` do.
struct SampleCaller: APICaller {
    enum Right: String { case read, write }

    let name: String
    let address: String
    let right: Right?

    static func nobody(at address: String) -> Self { Self(name: "nobody", address: address, right: nil) }

    func objection(to needed: Right) -> APIProblem? {
        right == .write || right == needed ? nil : APIProblem(403, "right", "No", "\(name) may not")
    }
}

/// An API about nothing.
final class SampleContext: APIContext {
    static let wording = APIWording(
        name: "the sample API", subject: "sample", hostOption: "--sample-host", tokenHint: "ask somebody",
        tlsHint: "use TLS")

    let manual = ManualClock()
    private let noted = Mutex<(entries: [APIAuditEntry], denied: Int)>(([], 0))
    private let isRevoked = Atomic<Bool>(false)

    var clock: any PipelineClock { manual }
    var hostNames: Set<String> { [] }
    var executor: LoopExecutor? { nil }
    var entries: [APIAuditEntry] { noted.withLock { $0.entries } }
    var denied: Int { noted.withLock { $0.denied } }

    /// From now on nobody is known any more.
    func revoke() { isRevoked.store(true, ordering: .releasing) }

    func caller(of head: ServerRequestHead) throws(CallerFailure) -> SampleCaller {
        if isRevoked.load(ordering: .acquiring) { throw .invalid }
        switch head.fields["authorization"] {
        case nil: throw .missing
        case "Bearer reader": return SampleCaller(name: "reader", address: head.peer, right: .read)
        case "Bearer writer": return SampleCaller(name: "writer", address: head.peer, right: .write)
        default: throw .invalid
        }
    }

    func record(_ entry: APIAuditEntry) async { noted.withLock { $0.entries.append(entry) } }

    func denied(_ entry: APIAuditEntry) { noted.withLock { $0.denied += 1 } }
}

/// The sample API with a client.
final class SampleAPI: Sendable {
    let context = SampleContext()
    private let server: APIServer
    private let client: Client

    private init(_ routes: [APIRoute<SampleContext>], _ loops: [any EventLoop]) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        server = try await APIServer.start(
            [.init(.tcp(host: "127.0.0.1", port: 0))], APIService(context, routes: routes), loops: loops,
            logger: logger)
        var configuration = ClientConfiguration(target: server.addresses[0])
        configuration.proxy = .direct
        client = try Client(configuration, loops: loops, logger: logger)
    }

    static func with(
        _ routes: [APIRoute<SampleContext>], _ body: (SampleAPI) async throws -> Void
    ) async throws {
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator().prefix(1))
        let api = try await SampleAPI(routes, loops)
        let result: Result<Void, any Error>
        do {
            try await body(api)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await api.client.close(grace: .zero)
        await api.server.shutdown(grace: .zero)
        try result.get()
    }

    func send(
        _ method: String, _ path: String, _ body: String? = nil, as token: String? = "writer",
        _ fields: HTTPFields = [:]
    ) async throws -> (status: Int, fields: HTTPFields, text: String) {
        var fields = fields
        if let token { fields["authorization"] = "Bearer \(token)" }
        if body != nil { fields["content-type"] = "application/json" }
        let request = ClientRequest(
            method: method, path: path, fields: fields, body: body.map { [Bytes(utf8: $0)] } ?? [])
        let response = try await client.send(request, timeout: .seconds(60))
        return (response.status, response.fields, response.body.string)
    }
}
