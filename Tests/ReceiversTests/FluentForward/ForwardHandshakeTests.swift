import Formats
import Logging
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct ForwardHandshakeTests {
    private typealias Samples = ForwardSamples

    private static let key = "security: {shared_key: secret, self_hostname: server}"
    private static let user =
        "security: {shared_key: secret, self_hostname: server, "
        + "users: [{username: alice, password: wonderland}, {username: bob, password: builder}]}"

    /// Answers the greeting of the receiver and gives its last word.
    private static func introduce(
        _ client: ForwardClient, key: String = "secret", username: String = "", password: String = "",
        and more: [UInt8] = []
    ) async throws -> (hello: ForwardHello, pong: ForwardPong, salt: [UInt8]) {
        let hello = try ForwardHello(decoding: try await client.receiveBytes())
        let salt = ForwardDigest.randomBytes()
        let digest = ForwardDigest.sharedKey(
            salt: salt, hostname: "client", nonce: hello.nonce, key: key)
        let passwordDigest = ForwardDigest.password(
            salt: hello.passwordSalt, username: username, password: password)
        let ping = ForwardPing(
            hostname: "client", salt: salt, sharedKeyDigest: digest, username: username,
            passwordDigest: username.isEmpty ? "" : passwordDigest)
        try await client.send(ping.encoded().array + more)
        return (hello, try ForwardPong(decoding: try await client.receiveBytes()), salt)
    }

    @Test func `who knows the key may send, and sees that the receiver knows it too`() async throws {
        try await withForwardReceiver(Self.key) { receiver in
            let client = try await receiver.client()
            let (hello, pong, salt) = try await Self.introduce(client)
            #expect(hello.nonce.count == 16 && hello.passwordSalt.isEmpty && hello.keepsAlive)
            #expect(pong.isAccepted && pong.hostname == "server")
            let proof = ForwardDigest.sharedKey(
                salt: salt, hostname: "server", nonce: hello.nonce, key: "secret")
            #expect(pong.sharedKeyDigest == proof)
            try await client.send(Samples.event("a", chunk: "1"))
            #expect(try await client.receive() == Samples.acknowledgement("1"))
            client.link.close()
        }
    }

    @Test func `nonces are made anew`() async throws {
        try await withForwardReceiver(Self.key) { receiver in
            var nonces: Set<[UInt8]> = []
            for _ in 0..<3 {
                let client = try await receiver.client()
                nonces.insert(try await Self.introduce(client).hello.nonce)
                client.link.close()
            }
            #expect(nonces.count == 3)
        }
    }

    @Test func `who does not know the key is refused, and what it sends is not read`() async throws {
        try await withForwardReceiver(Self.key) { receiver in
            let client = try await receiver.client()
            let event = Samples.event("secretly").encoded().array
            let pong = try await Self.introduce(client, key: "guess", and: event).pong
            #expect(!pong.isAccepted && pong.reason == "shared_key mismatch" && pong.sharedKeyDigest.isEmpty)
            await client.waitForEnd()
            #expect(receiver.records.isEmpty)
            let labels: KeyValuePairs = ["reason": "authentication"]
            #expect(receiver.harness.metric("apus_receiver_refused_requests", labels) == 1)
            #expect(receiver.harness.log.messages(.warning) == ["a client was refused"])
        }
    }

    @Test func `events without a handshake are not read`() async throws {
        try await withForwardReceiver(Self.key) { receiver in
            let client = try await receiver.client()
            try await client.send(Samples.event("a", chunk: "1"))
            _ = try await client.receiveBytes()
            await client.waitForEnd()
            #expect(receiver.records.isEmpty)
            #expect(receiver.faults.first?.metadata["reason"] == "PING expected, but another message came")
        }
    }

    @Test func `a long first message is refused as soon as its length is known`() async throws {
        try await withForwardReceiver(Self.key) { receiver in
            let client = try await receiver.client()
            try await client.send([0x96, 0xC6, 0x00, 0xFF, 0xFF, 0xFF])
            _ = try await client.receiveBytes()
            await client.waitForEnd()
            #expect(receiver.faults.count == 1)
        }
    }

    @Test(arguments: [("alice", "wonderland", true), ("alice", "builder", false), ("eve", "", false)])
    func `users need their password`(name: String, password: String, isAccepted: Bool) async throws {
        try await withForwardReceiver(Self.user) { receiver in
            let client = try await receiver.client()
            let (hello, pong, _) = try await Self.introduce(client, username: name, password: password)
            #expect(hello.passwordSalt.count == 16)
            #expect(pong.isAccepted == isAccepted)
            guard isAccepted else {
                #expect(pong.reason == "username/password mismatch")
                return await client.waitForEnd()
            }
            try await client.send(Samples.event("a", chunk: "1"))
            _ = try await client.receive()
            #expect(receiver.sink.batches.first?.origin?.attributes == ["username": name])
            client.link.close()
        }
    }

    @Test func `secrets are shown nowhere`() async throws {
        let configuration = try FluentForwardReceiver.Configuration.decode(yaml: "{\(Self.user)}")
        let printed = "\(configuration.tree(.hidden).map { "\($0)" } ?? "")"
        for secret in ["secret", "wonderland"] {
            #expect(!printed.contains("\"\(secret)\""))
        }
    }
}
