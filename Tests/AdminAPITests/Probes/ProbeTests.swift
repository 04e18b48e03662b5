import AdminAPI
import Logging
import NIOPosix
import Pipeline
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

@Suite struct ProbeTests {
    /// A collector with two pipelines, as probes see it.
    struct Scene: Sendable {
        var lag = Duration.zero
        var hasConfiguration = true
        var isReady = true
        var receiver = ComponentStatus.ok
        var exporter = ComponentStatus.ok

        var facts: ProbeFacts {
            let receiver = part(.receiver, "otlp", receiver)
            let other = part(.receiver, "other", .ok)
            let exporter = part(.exporter, "backend", exporter)
            return ProbeFacts(
                loopLag: lag, lagLimit: .seconds(5), hasConfiguration: hasConfiguration,
                health: CollectorHealth(
                    isReady: isReady, startedAt: 0, uptime: .zero, components: [exporter, receiver, other],
                    pipelines: [
                        PipelineHealth(
                            id: PipelineID(signal: .traces, name: "a/b c"), components: [receiver, exporter]),
                        PipelineHealth(id: PipelineID(signal: .logs), components: [other, exporter]),
                    ]))
        }

        private func part(
            _ kind: ComponentKind, _ type: String, _ status: ComponentStatus
        ) -> ComponentHealth {
            ComponentHealth(kind: kind, id: ComponentID(type: type), status: status, since: 0)
        }
    }

    /// What the server answers from.
    private final class Stage: Sendable {
        private let state: Mutex<Scene>

        init(_ scene: Scene) { state = Mutex(scene) }

        var scene: Scene {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    private let loop = MultiThreadedEventLoopGroup.singleton.any()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func run(
        _ scene: Scene, _ body: (ProbeServer, Stage) async throws -> Void
    ) async throws {
        let stage = Stage(scene)
        let server = try await ProbeServer.start(
            on: .tcp(host: "127.0.0.1", port: 0), loop: loop, logger: logger
        ) { stage.scene.facts }
        do {
            try await body(server, stage)
        } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
    }

    private func get(
        _ path: String, _ server: ProbeServer, method: String = "GET"
    ) async throws -> ClientResponse {
        let client = try Client(
            ClientConfiguration(target: server.address), loops: [loop], logger: logger)
        let response = try await client.send(
            ClientRequest(method: method, path: path), lane: 0, timeout: .seconds(20))
        await client.close()
        return response
    }

    @Test(arguments: ["/livez", "/readyz", "/startupz", "/livez/", "/readyz/pipelines/logs", "/livez/ping"])
    func `a collector that is well says ok`(path: String) async throws {
        try await run(Scene()) { (server, _) async throws in
            let answer = try await get(path, server)
            #expect(answer.status == 200)
            #expect(answer.body.string == "ok")
            #expect(answer.fields["cache-control"] == "no-store")
        }
    }

    /// A scene and the codes of the three probes.
    struct Case: Sendable {
        let scene: Scene
        let live: Int
        let ready: Int
        let started: Int
    }

    @Test(arguments: [
        Case(scene: Scene(), live: 200, ready: 200, started: 200),
        // A backend that is dead is no reason to start anew or to send clients elsewhere.
        Case(scene: Scene(exporter: .recoverableError("refused")), live: 200, ready: 200, started: 200),
        Case(scene: Scene(exporter: .permanentError("wrong key")), live: 200, ready: 200, started: 200),
        Case(scene: Scene(lag: .seconds(5)), live: 503, ready: 503, started: 200),
        Case(scene: Scene(lag: .milliseconds(4999)), live: 200, ready: 200, started: 200),
        Case(scene: Scene(hasConfiguration: false), live: 200, ready: 503, started: 503),
        Case(scene: Scene(isReady: false), live: 200, ready: 503, started: 503),
        Case(scene: Scene(receiver: .starting), live: 200, ready: 503, started: 503),
        Case(scene: Scene(receiver: .recoverableError("slow")), live: 200, ready: 200, started: 200),
        Case(scene: Scene(receiver: .permanentError("port")), live: 200, ready: 503, started: 503),
    ])
    func `each probe looks at its own`(item: Case) async throws {
        try await run(item.scene) { (server, _) async throws in
            #expect(try await get("/livez", server).status == item.live)
            #expect(try await get("/readyz", server).status == item.ready)
            #expect(try await get("/startupz", server).status == item.started)
        }
    }

    @Test func `a verbose answer has a line for each check`() async throws {
        try await run(Scene()) { (server, _) async throws in
            #expect(
                try await get("/readyz?verbose", server).body.string == """
                    [+]ping ok
                    [+]event-loops ok
                    [+]configuration ok
                    [+]receivers ok
                    [+]shutdown ok
                    readyz check passed

                    """)
            #expect(
                try await get("/livez?verbose=1", server).body.string
                    == "[+]ping ok\n[+]event-loops ok\nlivez check passed\n")
        }
    }

    @Test func `a failure says why without being asked`() async throws {
        try await run(Scene(lag: .seconds(7), isReady: false, receiver: .permanentError("secret"))) {
            (server, _) async throws in
            let text = try await get("/readyz", server).body.string
            #expect(text.contains("[-]event-loops failed: a loop has not answered for 7 s\n"))
            #expect(text.contains("[-]receivers failed: otlp is StatusPermanentError\n"))
            #expect(text.hasSuffix("readyz check failed\n"))
            #expect(!text.contains("secret"), "what a component says may come from outside")
        }
    }

    @Test func `checks can be excluded`() async throws {
        try await run(Scene(lag: .seconds(7), receiver: .starting)) { (server, _) async throws in
            #expect(try await get("/readyz?exclude=receivers", server).status == 503)
            let both = try await get("/readyz?exclude=receivers&exclude=event%2Dloops&verbose", server)
            #expect(both.status == 200)
            #expect(both.body.string.contains("[+]receivers excluded: ok\n"))
            let unknown = try await get("/livez?verbose&exclude=event-loops&exclude=etcd", server)
            #expect(unknown.status == 200)
            #expect(unknown.body.string.contains("cannot be excluded: no matches for \"etcd\"\n"))
        }
    }

    @Test(arguments: [
        "/readyz/pipelines/traces/a%2Fb%20c", "/readyz/pipelines/traces/a/b%20c",
        "/readyz/pipelines%2Ftraces%2Fa%2Fb%20c",
    ])
    func `one pipeline can be asked for by its id`(path: String) async throws {
        try await run(Scene(isReady: false, receiver: .starting)) { (server, _) async throws in
            let answer = try await get(path, server)
            #expect(answer.status == 503)
            #expect(answer.body.string.contains("[-]pipelines/traces/a/b c failed: otlp is StatusStarting\n"))
            #expect(try await get("/readyz/pipelines/logs", server).status == 200)
        }
    }

    @Test(arguments: [
        "/", "/healthz", "/livezz", "/livez/receivers", "/readyz/pipelines/metrics", "/readyz/pipelines",
        "/livez/pipelines/logs", "/startupz/shutdown", "/readyz/%",
    ])
    func `what nobody checks is not found`(path: String) async throws {
        try await run(Scene()) { (server, _) async throws in
            #expect(try await get(path, server).status == 404)
        }
    }

    @Test func `a stop makes the collector unready at once`() async throws {
        try await run(Scene()) { (server, _) async throws in
            server.beginDraining()
            let answer = try await get("/readyz", server)
            #expect(answer.status == 503)
            #expect(answer.body.string.contains("[-]shutdown failed: the collector is stopping\n"))
            #expect(try await get("/readyz/shutdown", server).status == 503)
            #expect(try await get("/readyz/pipelines/logs", server).status == 503)
            #expect(try await get("/livez", server).status == 200)
        }
    }

    @Test func `a start that was complete stays complete`() async throws {
        try await run(Scene(isReady: false, receiver: .starting)) { (server, stage) async throws in
            #expect(try await get("/startupz", server).status == 503)
            stage.scene = Scene()
            #expect(try await get("/startupz", server).status == 200)
            stage.scene = Scene(isReady: false, receiver: .permanentError("port"))
            #expect(try await get("/startupz", server).status == 200)
            #expect(try await get("/readyz", server).status == 503)
        }
    }

    @Test func `probes are for reading`() async throws {
        try await run(Scene()) { (server, _) async throws in
            #expect(try await get("/livez", server, method: "POST").status == 405)
            let head = try await get("/livez", server, method: "HEAD")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
    }
}
