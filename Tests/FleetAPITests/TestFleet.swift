import FleetModel
import FleetStore
import Glibc
import HTTPAPI
import Logging
import NIOCore
import NIOPosix
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Transport
import Wire

@testable import Fleet
@testable import FleetAPI

/// What a test hears from the API.
struct Answer {
    let status: Int
    let fields: HTTPFields
    let text: String

    var tree: Tree { (try? Tree(json: text, source: ConfigurationSource(.inline, "answer"))) ?? .null }
    var etag: String { fields["etag"] ?? "" }
}

/// The API over real services and a store in memory; agents and rollouts are played.
final class TestFleet: Sendable {
    let clock: ManualClock
    let agents: FakeAgents
    let rollouts: FakeRollouts
    let context: FleetContext
    /// With the role admin.
    let admin: String
    private let server: FleetServer
    private let client: Client

    static func with(_ body: (TestFleet) async throws -> Void) async throws {
        let directory = "/tmp/apus-fleet-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        mkdir(directory, 0o700)
        let fleet = try await TestFleet(directory)
        let result: Result<Void, any Error>
        do {
            try await body(fleet)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await fleet.client.close(grace: .zero)
        await fleet.server.shutdown(grace: .zero)
        await fleet.context.store.close()
        let (certificate, key) = CertificateAuthority.files(in: directory)
        for path in [certificate, key] { unlink(path) }
        for file in await fleet.context.packages.files.list() { unlink("\(directory)/packages/\(file.hash)") }
        rmdir("\(directory)/packages")
        rmdir(directory)
        try result.get()
    }

    private init(_ directory: String) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = ManualClock()
        self.clock = clock
        agents = FakeAgents()
        rollouts = FakeRollouts()
        let store = try await FleetStore.open(
            .memory, replica: "test", logger: logger, clock: { clock.unixNanoseconds })
        let groups = try await FleetGroups.open(store, clock: clock, logger: logger)
        let values = try await FleetValues.open(store, clock: clock, logger: logger)
        let library = ConfigurationLibrary(
            store: store, groups: groups, values: values, secrets: SecretDirectory(nil), clock: clock)
        let access = try await AccessControl.open(
            store, stateDirectory: directory, clock: clock, logger: logger)
        let events = FleetEvents(clock: clock)
        let webhooks = try await Webhooks.open(
            store, events: events, sender: DeafSender(), metrics: FleetMetrics(), clock: clock,
            logger: logger)
        var context = FleetContext(
            agents: agents, library: library,
            packages: PackageLibrary(
                store: store, trust: PackageTrust(signer: PackageSigner(), keys: []),
                tickets: PackageTickets(secret: [1]),
                directory: "\(directory)/packages", downloadURL: "https://fleet.example:4320", clock: clock),
            groups: groups, values: values,
            imports: FleetImport(library), rollouts: rollouts, access: access,
            audit: AuditTrail(store, clock: clock), events: events, webhooks: webhooks,
            store: store,
            clock: clock, version: "1.2.3")
        context.hosts = ["Fleet.example"]
        context.metrics = { "apus_fleet 1\n" }
        self.context = context
        admin = try await access.users.create(
            UserTokenRequest(name: "root", owner: "ada", roles: [.admin]), by: "test"
        ).text
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator().prefix(1))
        server = try await FleetServer.start(
            [.init(.tcp(host: "127.0.0.1", port: 0))], context, loops: loops, logger: logger)
        var configuration = ClientConfiguration(target: server.addresses[0])
        configuration.proxy = .direct
        client = try Client(configuration, loops: loops, logger: logger)
    }

    /// A token with some roles.
    func token(_ name: String, owner: String = "", _ roles: FleetRole...) async throws -> String {
        try await context.access.users.create(
            UserTokenRequest(name: name, owner: owner, roles: Set(roles)), by: "test"
        ).text
    }

    /// A request; as an admin unless another token is given.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, as token: String? = nil,
        _ fields: HTTPFields = [:]
    ) async throws -> Answer {
        var fields = fields
        if !fields.contains("authorization") { fields["authorization"] = "Bearer \(token ?? admin)" }
        if body != nil, !fields.contains("content-type") {
            let isPatch = method == "PATCH"
            fields["content-type"] = isPatch ? "application/merge-patch+json" : "application/json"
        }
        let request = ClientRequest(
            method: method, path: path, fields: fields, body: body.map { [Bytes(utf8: $0)] } ?? [])
        let response = try await client.send(request, timeout: .seconds(60))
        return Answer(status: response.status, fields: response.fields, text: response.body.string)
    }

    /// A request without a token.
    func sendUnknown(_ method: String, _ path: String, _ fields: HTTPFields = [:]) async throws -> Answer {
        let request = ClientRequest(method: method, path: path, fields: fields, body: [])
        let response = try await client.send(request, timeout: .seconds(60))
        return Answer(status: response.status, fields: response.fields, text: response.body.string)
    }

    /// Puts something that is not there yet.
    func make(_ path: String, _ body: String) async throws -> Answer {
        try await send("PUT", path, body, ["if-none-match": "*"])
    }

    /// A request for a route, with something for each parameter.
    static func path(of route: FleetRoute) -> String {
        route.template.replacing("{uid}", with: FakeAgents.first.description)
            .replacing("{hash}", with: String(repeating: "0", count: 64))
            .replacing("{number}", with: "1").replacing("{name}", with: "edge").replacing("{id}", with: "r1")
    }
}

/// Lets the other tasks of a test go on until `condition` holds, for 10 seconds at most.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while try await !condition() {
        guard ContinuousClock.now < end else { return false }
        await Task.yield()
    }
    return true
}

/// Sends nothing and says that it has.
struct DeafSender: WebhookSender {
    func post(
        _ url: String, fields: [(name: String, value: String)], body: [UInt8]
    ) async throws(TransportError) -> Int { 204 }
}
