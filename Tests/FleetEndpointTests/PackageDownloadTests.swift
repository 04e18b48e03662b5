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
        _ body: (EndpointBench, PackageLibrary) async throws -> Void
    ) async throws {
        let directory = "/tmp/apus-downloads-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        mkdir(directory, 0o700)
        defer { rmdir(directory) }
        let store = try await FleetStore.open(
            .memory, replica: "a", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let library = PackageLibrary(
            store: store, trust: PackageTrust(signer: PackageSigner(), keys: []), directory: directory,
            downloadURL: "https://fleet.example", clock: ManualClock())
        defer { unlink("\(directory)/\(hash)") }
        _ = try await library.files.take(content, at: 0, of: content.count, hash)
        try await withEndpoint(FakeReception(), packages: library) { bench in
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

    @Test(arguments: ["/v1/packages/", "/v1/packages/..", "/v1/packages/../packages.key", "/v1/packages/0"])
    func `what is no file is not there`(_ path: String) async throws {
        try await Self.with { bench, _ in
            let answer = try await bench.send(.empty, method: "GET", path: path, type: "")
            #expect(answer.status == 404)
        }
    }

    @Test func `without packages there is nothing`() async throws {
        try await withEndpoint(FakeReception()) { bench in
            let answer = try await bench.send(.empty, method: "GET", path: Self.path, type: "")
            #expect(answer.status == 404)
        }
    }
}
