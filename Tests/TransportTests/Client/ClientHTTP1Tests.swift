import Testing
import Wire

@testable import Transport

@Suite struct ClientHTTP1Tests {
    private static let hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

    private func http1(_ configuration: inout ClientConfiguration) { configuration.versions = .http1 }

    /// The requests, as far as their headers are complete, in what a connection received.
    private static func heads(_ received: [UInt8]) -> Int {
        String(decoding: received, as: UTF8.self).components(of: "\r\n\r\n") - 1
    }

    @Test func `a request carries host, length, fields and all parts of the body`() async throws {
        var application = TestApplication()
        application.answer = { request, responder in
            let fields = request.fields.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            var response = ServerResponse.text(
                201,
                "\(request.method) \(request.path)?\(request.query ?? "") \(request.body.string) \(fields)")
            response.fields.add("x-answer", "1")
            responder.send(response)
        }
        try await withServer(application) { server in
            try await withClient(server.address, configure: http1) { client in
                let body = ["ab", "", "cd", "e"].map { Bytes(utf8: $0) }
                let request = ClientRequest(path: "/p?q=1", fields: ["X-Mine": "2"], body: body)
                let response = try await client.send(request)
                #expect(response.status == 201)
                #expect(response.fields["x-answer"] == "1")
                let text = response.body.string
                #expect(text.hasPrefix("POST /p?q=1 abcde "))
                #expect(text.contains("x-mine=2"))
                #expect(text.contains("content-length=5"))
                #expect(text.contains("host=127.0.0.1:\(server.address.port ?? 0)"))
            }
        }
    }

    @Test func `a body larger than what a socket takes arrives in order and whole`() async throws {
        var application = TestApplication()
        application.admission = { _ in .accept(maxBodySize: 8 << 20) }
        let parts = (0..<40).map { Bytes([UInt8](repeating: $0, count: 150_000)) }
        let whole = parts.flatMap(\.array)
        application.answer = { request, responder in
            responder.send(.text(200, request.body.array == whole ? "the same" : "another"))
        }
        try await withServer(application) { server in
            try await withClient(server.address, configure: http1) { client in
                for _ in 0..<2 {
                    let response = try await client.send(ClientRequest(path: "/", body: parts))
                    #expect(response.body.string == "the same")
                }
                #expect(server.statistics.acceptedConnections == 1)
            }
        }
    }

    @Test func `a connection is used again and closed ones are replaced`() async throws {
        try await withRawServer { connection, received in
            let requests = Self.heads(received)
            // The first connection closes after its second answer.
            return connection == 0 && requests == 2 ? .sayAndClose(Array(Self.hello.utf8)) : .text(Self.hello)
        } _: { server, address in
            try await withClient(address, configure: http1) { client in
                for _ in 0..<2 {
                    let answer = try await client.post("x")
                    #expect(answer == "hello")
                }
                #expect(server.connections == 1)
                var delivered = 0
                for _ in 0..<3 where await failure({ try await client.post("x") }) == nil {
                    delivered += 1
                }
                // One request may meet the connection that is just being closed.
                #expect(delivered >= 2)
                #expect(server.connections == 2)
            }
        }
    }

    @Test func `connection close is obeyed`() async throws {
        let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nbye"
        try await withRawServer { _, _ in
            .sayAndClose(Array(answer.utf8))
        } _: { server, address in
            try await withClient(address, configure: http1) { client in
                for _ in 0..<3 {
                    let answer = try await client.post("x")
                    #expect(answer == "bye")
                }
                #expect(server.connections == 3)
            }
        }
    }

    @Test func `requests beyond the bound on connections wait their turn`() async throws {
        try await withServer { server in
            try await withClient(server.address) { configuration in
                configuration.versions = .http1
                configuration.connectionsPerLane = 2
            } _: { client in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for index in 0..<50 { group.addTask { try await client.post("\(index)") } }
                    var answers: Set<String> = []
                    for try await answer in group { answers.insert(answer) }
                    #expect(answers == Set((0..<50).map { "POST /p \($0)" }))
                }
                #expect(server.statistics.acceptedConnections <= 2)
            }
        }
    }

    @Test(arguments: [
        ("garbage\r\n\r\n", TransportError.Kind.protocolError),
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", .closedBeforeResponse),
        ("HTTP/1.1 200", .closedBeforeResponse), ("", .closedBeforeResponse),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", .tooLarge),
    ])
    func `what is not a response is told apart`(answer: String, kind: TransportError.Kind) async throws {
        try await withRawServer { _, _ in
            .sayAndClose(Array(answer.utf8))
        } _: { _, address in
            try await withClient(address, configure: http1) { client in
                let error = await failure { try await client.post("x") }
                #expect(error?.kind == kind)
                #expect(error?.message.contains(address.description) == true)
            }
        }
    }

    @Test func `a body without a length is bounded too`() async throws {
        let head = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
        try await withRawServer { _, _ in
            .sayAndClose(head + [UInt8](repeating: 97, count: 2000))
        } _: {
            _, address in
            for (limit, fits) in [(2000, true), (1999, false)] {
                try await withClient(address) { configuration in
                    configuration.versions = .http1
                    configuration.maxResponseBytes = limit
                } _: { client in
                    let error = await failure { try await client.post("x") }
                    #expect(error?.kind == (fits ? nil : .tooLarge))
                }
            }
        }
    }

    @Test func `fields cannot smuggle another request`() async throws {
        try await withServer { server in
            try await withClient(server.address, configure: http1) { client in
                let request = ClientRequest(
                    path: "/", fields: ["x": "1\r\ncontent-length: 0\r\n\r\nGET / HTTP/1.1"])
                let error = await failure { try await client.send(request) }
                #expect(error?.message.contains("header field x has a control character") == true)
                #expect(server.statistics.requests == 0)
            }
        }
    }

    @Test func `a unix socket is a target`() async throws {
        let path = "/tmp/apus-\(UInt32.random(in: 0 ... .max)).sock"
        try await withServer(address: .unix(path: path)) { server in
            try await withClient(.unix(path: path), configure: http1) { client in
                let answer = try await client.post("x")
                #expect(answer == "POST /p x")
            }
        }
    }
}

extension String {
    fileprivate func components(of separator: String) -> Int {
        var count = 1
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
