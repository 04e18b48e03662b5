import Glibc
import Logging
import NIOPosix
import Testing
import Wire

@testable import Transport

/// One server takes the address of another while both run.
@Suite struct ListenerRegistryTests {
    private let registry = ListenerRegistry()
    private let loops = MultiThreadedEventLoopGroup.singleton.makeIterator().prefix(1).map { $0 }

    private func start(
        _ name: String, at address: ListenAddress, _ share: ListenerShare
    ) async throws -> Server {
        var application = TestApplication()
        application.answer = { _, responder in
            responder.send(ServerResponse(status: 200, body: Bytes(utf8: name)))
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try await Server.start(
            ServerConfiguration(address: address), loops: loops, application: application, logger: logger,
            listeners: share)
    }

    private func ask(_ server: Server) async throws -> String {
        let client = try RawClient(server)
        client.send("GET / HTTP/1.0\r\n\r\n")
        return String((await client.textToEnd() ?? "").split(separator: "\r\n\r\n").last ?? "")
    }

    private static let path = "/tmp/apus-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"

    @Test(arguments: [ListenAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: Self.path)])
    func `a successor serves the address from the end of the handover on`(address: ListenAddress) async throws
    {
        let old = registry.share()
        let first = try await start("old", at: address, old)
        registry.beginHandover(from: [old])
        let second = try await start("new", at: address, registry.share())
        #expect(second.address == first.address)
        #expect(try await ask(first) == "old", "nobody else accepts before the end of the handover")
        await first.shutdown(grace: .zero)
        let waiting = try RawClient(second)
        waiting.send("GET / HTTP/1.0\r\n\r\n")
        registry.endHandover()
        #expect(await waiting.textToEnd()?.hasSuffix("new") == true, "it has waited in the backlog")
        #expect(try await ask(second) == "new")
        await second.shutdown(grace: .zero)
        if case .unix(let path) = address { #expect(access(path, F_OK) != 0) }
    }

    @Test func `an address of somebody who stays is in use`() async throws {
        let (staying, leaving) = (registry.share(), registry.share())
        let server = try await start("staying", at: .tcp(host: "127.0.0.1", port: 0), staying)
        registry.beginHandover(from: [leaving])
        let error = await #expect(throws: TransportError.self) {
            try await start("new", at: server.address, registry.share())
        }
        #expect(error?.kind == .addressInUse)
        registry.endHandover()
        #expect(try await ask(server) == "staying")
        await server.shutdown(grace: .zero)
    }

    @Test func `a successor that goes again leaves the address to the old server`() async throws {
        let old = registry.share()
        let first = try await start("old", at: .unix(path: Self.path + "2"), old)
        registry.beginHandover(from: [old])
        let second = try await start("new", at: .unix(path: Self.path + "2"), registry.share())
        await second.shutdown(grace: .zero)
        registry.endHandover()
        #expect(try await ask(first) == "old")
        await first.shutdown(grace: .zero)
        #expect(access(Self.path + "2", F_OK) != 0)
    }
}
