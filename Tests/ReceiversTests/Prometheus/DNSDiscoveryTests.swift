import PipelineTesting
import Prometheus
import Settings
import Synchronization
import Testing
import Transport

@testable import Receivers

@Suite struct DNSDiscoveryTests {
    private static let zone: DNSServer.Zone = [
        "_http._tcp.example.org": [
            33: [DNSServer.service(8080, "a.example.org"), DNSServer.service(81, "b.example.org")]
        ],
        "web.example.org": [
            1: [[10, 0, 0, 1], [10, 0, 0, 2]], 28: [Array(repeating: 0, count: 15) + [1]],
        ],
    ]

    /// What one look finds.
    private static func look(
        _ yaml: String, _ server: DNSServer, search: [String] = []
    ) async throws -> [DiscoveryUpdate] {
        let resolver = DNSResolver(servers: [server.address], search: search)
        let clock = ManualClock()
        let discovery = DNSDiscovery(
            try DNSDiscoverySettings.decode(yaml: yaml), resolver: resolver, clock: clock)
        let found = Mutex<[DiscoveryUpdate]>([])
        let work = Task { await discovery.run { update in found.withLock { $0.append(update) } } }
        await clock.waitForSleepers()
        work.cancel()
        await work.value
        return found.withLock { $0 }
    }

    private static func targets(_ updates: [DiscoveryUpdate]) -> [LabelSet] {
        updates.flatMap { update -> [LabelSet] in
            guard case .group(let group) = update else { return [] }
            return group.targets
        }
    }

    @Test func `services have their ports`() async throws {
        let server = try await DNSServer(Self.zone)
        let found = try await Self.look("{names: [_http._tcp.example.org]}", server)
        #expect(Self.targets(found).map { $0["__address__"] } == ["a.example.org:8080", "b.example.org:81"])
        let first = try #require(Self.targets(found).first)
        #expect(first["__meta_dns_name"] == "_http._tcp.example.org")
        #expect(first["__meta_dns_srv_record_target"] == "a.example.org.")
        #expect(first["__meta_dns_srv_record_port"] == "8080")
        try await server.stop()
    }

    @Test(arguments: [("A", ["10.0.0.1:9100", "10.0.0.2:9100"]), ("AAAA", ["[::1]:9100"])])
    func `names have addresses`(type: String, addresses: [String]) async throws {
        let server = try await DNSServer(Self.zone)
        let found = try await Self.look("{names: [web.example.org], type: \(type), port: 9100}", server)
        #expect(Self.targets(found).map { $0["__address__"] } == addresses)
        // Domains are appended where a name has few points.
        let short = try await Self.look(
            "{names: [web], type: \(type), port: 9100}", server, search: ["other.org", "example.org"])
        #expect(Self.targets(short).map { $0["__address__"] } == addresses)
        try await server.stop()
    }

    @Test func `a name that is not there has no targets`() async throws {
        let server = try await DNSServer(Self.zone)
        let found = try await Self.look("{names: [none.example.org]}", server)
        guard case .group(let group)? = found.first else { throw Missing() }
        #expect(group.targets.isEmpty && found.count == 1)
        try await server.stop()
    }

    @Test func `what is too long for a datagram is asked for over TCP`() async throws {
        let server = try await DNSServer(Self.zone, isCutOff: true, isStream: true)
        let found = try await Self.look("{names: [_http._tcp.example.org]}", server)
        #expect(Self.targets(found).map { $0["__address__"] } == ["a.example.org:8080", "b.example.org:81"])
        try await server.stop()
    }

    @Test func `an answer that stays cut off is a failure`() async throws {
        let server = try await DNSServer(Self.zone, isCutOff: true)
        let found = try await Self.look("{names: [_http._tcp.example.org]}", server)
        guard case .failed(let reason)? = found.first else { throw Missing() }
        #expect(reason.contains("cannot be reached"), "\(reason)")
        try await server.stop()
    }

    @Test func `a domain to search that is broken does not hide a name`() async throws {
        let server = try await DNSServer(Self.zone, failing: ["web.broken.org", "none.broken.org"])
        let yaml = "{names: [web], type: A, port: 9100}"
        let found = try await Self.look(yaml, server, search: ["broken.org", "example.org"])
        #expect(Self.targets(found).map { $0["__address__"] } == ["10.0.0.1:9100", "10.0.0.2:9100"])
        // Whether there is no such name is not known.
        let none = try await Self.look(
            "{names: [none], type: A, port: 9100}", server, search: ["broken.org", "example.org"])
        guard case .failed(let reason)? = none.first else { throw Missing() }
        #expect(reason == "cannot look up none.broken.org: the server answers with the code 2")
        try await server.stop()
    }

    @Test func `the configuration of the system is read`() {
        let resolver = DNSResolver(
            configuration: "# x\nnameserver 10.0.0.1\nnameserver fe80::1\nsearch a.b c\noptions ndots:5\n")
        #expect(resolver.servers == [.tcp(host: "10.0.0.1", port: 53), .tcp(host: "fe80::1", port: 53)])
        #expect(resolver.search == ["a.b", "c"] && resolver.points == 5)
        #expect(DNSResolver(configuration: "").servers == [.tcp(host: "127.0.0.1", port: 53)])
    }

    @Test(arguments: [
        ("{names: []}", "must not be empty"), ("{names: [a], type: A}", "is required for A records"),
        ("{names: [a], type: MX}", "one of SRV, A, AAAA"),
    ])
    func `mistakes are found`(yaml: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) {
            _ = try DNSDiscoverySettings.decode(yaml: yaml)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    private struct Missing: Error {}
}
