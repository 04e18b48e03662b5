import FleetModel
import FleetStore
import Glibc
import Logging
import OpAMP
import PipelineTesting
import Testing
import Transport
import Wire

@testable import Fleet
@testable import FleetEndpoint

/// Files of packages, from where agents connect.
@Suite struct PackageDownloadTests {
    /// Several pieces.
    private static let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    private static let hash = ContentHash(of: content)
    private static let path = "/v1/packages/\(hash)"

    private static func with(
        configure: (inout FleetEndpointConfiguration) -> Void = { _ in }, content: [UInt8] = content,
        _ body: (EndpointBench, PackageLibrary) async throws -> Void
    ) async throws {
        let directory = "/tmp/apus-downloads-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        mkdir(directory, 0o700)
        defer { rmdir(directory) }
        let store = try await FleetStore.open(
            .memory, replica: "a", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let library = PackageLibrary(
            store: store, trust: PackageTrust(signer: PackageSigner(), keys: []),
            tickets: PackageTickets(secret: [1]),
            directory: directory,
            downloadURL: "https://fleet.example", clock: ManualClock())
        let hash = ContentHash(of: content)
        defer { unlink("\(directory)/\(hash)") }
        _ = try await library.files.take(content, at: 0, of: content.count, hash)
        try await withEndpoint(FakeReception(), packages: library, configure: configure) { bench in
            try await body(bench, library)
        }
    }

    @Test func `an agent gets a file with its credential, whole`() async throws {
        try await Self.with { bench, _ in
            let answer = try await bench.send(.empty, method: "GET", path: Self.path, type: "")
            #expect(answer.status == 200)
            #expect(answer.body.array == Self.content)
            #expect(answer.fields["content-length"] == "\(Self.content.count)")
            #expect(answer.fields["etag"] == "\"\(Self.hash)\"")
            #expect(bench.endpoint.figures.downloads == 1)
            #expect(bench.endpoint.figures.downloadedBytes == Self.content.count)
        }
    }

    @Test func `a ticket opens its file and no other door`() async throws {
        try await Self.with { bench, library in
            let ticket = library.tickets.ticket(Self.hash, on: 0)
            let fields: HTTPFields = ["authorization": "Bearer \(ticket)"]
            let day = PackageTickets.day(ManualClock().unixNanoseconds)
            let right: HTTPFields = [
                "authorization": "Bearer \(library.tickets.ticket(Self.hash, on: day))"
            ]
            let answer = try await bench.send(
                .empty, method: "GET", path: Self.path, type: "", fields: right)
            #expect(answer.status == 200)
            #expect(answer.body.count == Self.content.count)
            let other = "/v1/packages/\(String(repeating: "0", count: 64))"
            #expect(
                try await bench.send(.empty, method: "GET", path: other, type: "", fields: right).status
                    == 401)
            #expect(try await bench.send(Bytes(utf8: "x"), fields: right).status == 401)
            if day > 1 {
                let old = try await bench.send(
                    .empty, method: "GET", path: Self.path, type: "", fields: fields)
                #expect(old.status == 401)
            }
        }
    }

    @Test(arguments: [
        ("GET", "Bearer wrong", "", 401), ("GET", "", "", 401), ("GET", "Bearer again", "", 429),
        ("POST", "Bearer right", "", 405), ("GET", "Bearer right", "https://evil.example", 403),
        ("GET", "Bearer apusp_", "", 401),
    ])
    func `nobody else gets it`(_ method: String, _ word: String, _ origin: String, _ status: Int) async throws
    {
        try await Self.with { bench, _ in
            var fields: HTTPFields = [:]
            if !word.isEmpty { fields["authorization"] = word }
            if !origin.isEmpty { fields["origin"] = origin }
            let answer = try await bench.send(
                .empty, method: method, path: Self.path, type: "", fields: fields)
            #expect(answer.status == status)
            #expect(bench.endpoint.figures.downloads == 0)
        }
    }

    @Test(arguments: [
        "/v1/packages/", "/v1/packages/..", "/v1/packages/../packages.key", "/v1/packages/0",
        "/v1/packages/\(ContentHash(of: []))",
    ])
    func `what is no file is not there`(_ path: String) async throws {
        try await Self.with { bench, _ in
            let answer = try await bench.send(.empty, method: "GET", path: path, type: "")
            #expect(answer.status == 404)
        }
    }

    @Test func `no address gets more than its share of the downloads`() async throws {
        try await Self.with(content: Self.large) { bench, _ in
            let agents = (0..<PackageDownloads.share).map { _ in DeafAgent(bench.endpoint.address) }
            for agent in agents { agent.download(ContentHash(of: Self.large)) }
            #expect(await eventually { bench.endpoint.figures.downloads == agents.count })
            let answer = try await Self.look(bench)
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] != nil)
            #expect(bench.endpoint.figures.refusals[.full] == 1)
            // Until the end of the test nobody reads.
            withExtendedLifetime(agents) {}
        }
    }

    @Test func `agents that do not read lose their downloads`() async throws {
        let configure = { (configuration: inout FleetEndpointConfiguration) in
            configuration.writeTimeout = .milliseconds(300)
        }
        try await Self.with(configure: configure, content: Self.large) { bench, _ in
            let agents = (0..<PackageDownloads.share).map { _ in DeafAgent(bench.endpoint.address) }
            for agent in agents { agent.download(ContentHash(of: Self.large)) }
            #expect(await eventually { bench.endpoint.figures.downloads == agents.count })
            let end = ContinuousClock.now + .seconds(20)
            var status = 0
            while status != 200, ContinuousClock.now < end { status = try await Self.look(bench).status }
            #expect(status == 200)
            withExtendedLifetime(agents) {}
        }
    }

    @Test func `an agent that reads slowly and steadily gets the whole file`() async throws {
        let configure = { (configuration: inout FleetEndpointConfiguration) in
            configuration.writeTimeout = .seconds(2)
        }
        try await Self.with(configure: configure, content: Self.large) { bench, _ in
            let agent = DeafAgent(bench.endpoint.address, receiveBuffer: 128 << 10)
            agent.download(ContentHash(of: Self.large))
            let begin = try #require(await agent.read(1 << 10))
            var received = try begin.count - #require(begin.firstIndex(of: 7))
            for _ in 0..<8 {
                guard let piece = await agent.read(256 << 10, after: 400) else { break }
                received += piece.count
            }
            while let piece = await agent.read(1 << 20) { received += piece.count }
            #expect(received == Self.large.count)
        }
    }

    /// More than the sockets between two ends take.
    private static let large = [UInt8](repeating: 7, count: 24 << 20)

    /// Asks for the large file without its bytes.
    private static func look(_ bench: EndpointBench) async throws -> ClientResponse {
        try await bench.send(
            .empty, method: "HEAD", path: "/v1/packages/\(ContentHash(of: large))", type: "")
    }

    @Test func `without packages there is nothing`() async throws {
        try await withEndpoint(FakeReception()) { bench in
            let answer = try await bench.send(.empty, method: "GET", path: Self.path, type: "")
            #expect(answer.status == 404)
        }
    }
}
