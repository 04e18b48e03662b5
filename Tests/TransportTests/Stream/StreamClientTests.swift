import Logging
import NIOCore
import NIOPosix
import Testing
import Wire

@testable import Transport

@Suite struct StreamClientTests {
    private let application = LineServer()

    private static let line: StreamLink.Framing = { bytes in
        bytes.array.firstIndex(of: 10).map { $0 + 1 } ?? 0
    }

    private static func connect(_ server: Server, _ loop: any EventLoop) async throws -> StreamLink {
        try await StreamClient.connect(StreamClient.Configuration(target: server.address), on: loop)
    }

    @Test func `what is sent in parts is answered message by message`() async throws {
        try await withStreamServer(application) { server, loop in
            let link = try await Self.connect(server, loop)
            try await link.send([Bytes(utf8: "one\ntw"), Bytes(utf8: "o\n")])
            #expect(try await link.receive(limit: 100, Self.line).string == "one\n")
            #expect(try await link.receive(limit: 100, Self.line).string == "two\n")
            #expect(await link.isOpen())
            link.close()
        }
    }

    @Test func `the end of a connection is noticed, by who waits and by who asks`() async throws {
        try await withStreamServer(application) { server, loop in
            let link = try await Self.connect(server, loop)
            try await link.send([Bytes(utf8: "quit\n")])
            #expect(try await link.receive(limit: 100, Self.line).string == "quit\n")
            let error = await #expect(throws: TransportError.self) {
                try await link.receive(limit: 100, Self.line)
            }
            #expect(error?.kind == .closedBeforeResponse)
            #expect(await !link.isOpen())
            await #expect(throws: TransportError.self) { try await link.send([Bytes(utf8: "x")]) }
        }
    }

    @Test func `a limit on the time ends the connection`() async throws {
        try await withStreamServer(application) { server, loop in
            let link = try await Self.connect(server, loop)
            link.limit(.milliseconds(10))
            let error = await #expect(throws: TransportError.self) {
                try await link.receive(limit: 100, Self.line)
            }
            #expect(error?.kind == .timeout)
            #expect(await !link.isOpen())
        }
    }

    @Test func `a message is bounded`() async throws {
        try await withStreamServer(LineServer(greeting: "no end of this")) { server, loop in
            let link = try await Self.connect(server, loop)
            let error = await #expect(throws: TransportError.self) {
                try await link.receive(limit: 5, Self.line)
            }
            #expect(error?.kind == .tooLarge)
        }
    }

    @Test func `a server that is not there is an error with its address`() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await StreamClient.connect(
                StreamClient.Configuration(target: closedPort()),
                on: MultiThreadedEventLoopGroup.singleton.next())
        }
        #expect(error?.kind == .connectFailed)
        #expect(error?.message.contains("127.0.0.1:1") == true)
    }

    @Test(.enabled(if: TestCertificates.canBeMade))
    func `connections are encrypted, without a protocol for ALPN`() async throws {
        let files = try TestCertificates()
        try files.makeAuthority("ca")
        try files.make("server", by: "ca", alternative: "IP:127.0.0.1")
        let tls = try ServerTLS(ServerTLS.Options(identity: files.identity("server")), logger: Self.quiet)
        try await withStreamServer(application) { configuration in
            configuration.tls = tls
        } _: { server, loop in
            var options = ClientTLS.Options()
            options.authorities = .file(files.path("ca.crt"))
            var configuration = StreamClient.Configuration(target: server.address)
            configuration.tls = try ClientTLS(options, logger: Self.quiet)
            let link = try await StreamClient.connect(configuration, on: loop)
            try await link.send([Bytes(utf8: "one\n")])
            #expect(try await link.receive(limit: 100, Self.line).string == "one\n")
            link.close()
            configuration.tls = try ClientTLS(ClientTLS.Options(), logger: Self.quiet)
            let distrusting = configuration
            let error = await #expect(throws: TransportError.self) {
                try await StreamClient.connect(distrusting, on: loop)
            }
            #expect(error?.kind == .tls)
        }
    }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
