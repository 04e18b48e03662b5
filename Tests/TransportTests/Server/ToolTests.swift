import Glibc
import Logging
import NIOPosix
import Testing
import Wire

@testable import Transport

/// What curl, nghttp and h2load make of the server.
@Suite struct ToolTests {
    /// Runs a program and returns what it printed.
    ///
    /// Not by Foundation's `Process`, which reads beyond the entries of /proc/self/fd and may crash by that.
    private func run(_ program: String, _ arguments: [String]) async throws -> String {
        let command = (["/usr/bin/\(program)"] + arguments).map(Self.quoted).joined(separator: " ")
        return try await NIOThreadPool.singleton.runIfActive {
            let stream = try #require(popen(command + " 2>&1", "re"))
            defer { pclose(stream) }
            var output: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 {
                output += buffer[..<count]
            }
            return String(decoding: output, as: UTF8.self)
        }
    }

    private static func quoted(_ argument: String) -> String {
        "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }

    private static func exists(_ program: String) -> Bool { access("/usr/bin/\(program)", X_OK) == 0 }

    private func url(_ server: Server, _ path: String) -> String {
        "http://127.0.0.1:\(server.address.port ?? 0)\(path)"
    }

    @Test(.enabled(if: exists("curl")), arguments: ["--http1.1", "--http2-prior-knowledge"])
    func `curl posts, heads, asks for options and is refused`(version: String) async throws {
        var application = TestApplication()
        application.admission = { head in
            head.path == "/no" ? .refuse(.text(401, "no")) : .accept(maxBodySize: 100_000)
        }
        try await withServer(application) { server in
            let post = try await run("curl", ["-s", version, "-d", "abc", url(server, "/p?q=1")])
            #expect(post == "POST /p abc")
            let head = try await run("curl", ["-sI", version, url(server, "/h")])
            #expect(head.contains("200") && head.contains("content-length: 8"))
            let options = try await run("curl", ["-s", "-X", "OPTIONS", version, url(server, "/o")])
            #expect(options == "OPTIONS /o ")
            let body = String(repeating: "x", count: 90_000)
            let status = ["-s", "-o", "/dev/null", "-w", "%{http_code}", version]
            #expect(try await run("curl", status + ["-d", body, url(server, "/no")]) == "401")
            #expect(
                try await run("curl", status + ["-d", body + body.prefix(30_000), url(server, "/big")])
                    == "413")
        }
    }

    @Test(
        .enabled(if: exists("curl") && exists("openssl")),
        arguments: [("--http1.1", "1.1"), ("--http2", "2")])
    func `over TLS the version is negotiated`(version: String, expected: String) async throws {
        let base = "/tmp/apus-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { for suffix in [".crt", ".key"] { unlink(base + suffix) } }
        _ = try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                "-keyout", base + ".key", "-out", base + ".crt",
            ])
        let identity = TLSIdentity(certificate: .file(base + ".crt"), key: .file(base + ".key"))
        let tls = try ServerTLS(.init(identity: identity), logger: Logger(label: "test"))
        try await withServer(configure: { $0.tls = tls }) { server in
            let address = "https://127.0.0.1:\(server.address.port ?? 0)/t"
            let output = try await run(
                "curl",
                ["-s", version, "--cacert", base + ".crt", "-w", " %{http_version}", "-d", "abc", address])
            #expect(output == "POST /t abc \(expected)")
        }
    }

    @Test(.enabled(if: exists("nghttp")))
    func `nghttp takes the answer without a protocol error`() async throws {
        try await withServer { server in
            let output = try await run("nghttp", ["-v", url(server, "/n")])
            #expect(output.contains(":status: 200"))
            #expect(!output.contains("PROTOCOL_ERROR"))
        }
    }

    @Test(.enabled(if: exists("h2load")))
    func `h2load has all its requests answered`() async throws {
        try await withServer(loops: 2) { server in
            let output = try await run("h2load", ["-n", "2000", "-c", "8", "-m", "20", url(server, "/l")])
            #expect(output.contains("2000 succeeded, 0 failed, 0 errored"))
            let old = try await run("h2load", ["--h1", "-n", "500", "-c", "4", url(server, "/l")])
            #expect(old.contains("500 succeeded, 0 failed, 0 errored"))
            #expect(server.statistics.requests == 2500)
        }
    }
}
