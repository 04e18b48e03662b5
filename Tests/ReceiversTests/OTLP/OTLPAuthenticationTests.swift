import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

@Suite struct OTLPAuthenticationTests {
    /// Lets `Token right` in as alice, thinks about `Token slow`, and refuses everything else.
    private final class Doorkeeper: ServerAuthenticator {
        static let name = "doorkeeper"
        static let summary = "Checks one token."

        private let undecided = Mutex<PendingAuthentication?>(PendingAuthentication())
        private let isAsked = Mutex<CheckedContinuation<Void, Never>?>(nil)
        private let questions = Mutex(0)

        init() {}
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}
        func run(_ session: ExtensionSession) async throws(ComponentError) {}

        func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
            switch request.fields["authorization"] {
            case "Token right": return .granted(Principal(attributes: ["username": "alice"]))
            case "Token busy": return .refused(.later(reason: "too much to do"))
            case "Token slow":
                questions.withLock { $0 += 1 }
                return undecided.withLock { $0 }.map { .pending($0) } ?? .refused(Self.wrong)
            default: return .refused(Self.wrong)
            }
        }

        /// How often somebody asked about the slow token.
        var questionCount: Int { questions.withLock { $0 } }

        func decide(_ answer: PendingAuthentication.Answer) { undecided.withLock { $0 }?.decide(answer) }

        static let wrong = AuthenticationRefusal.unauthenticated(
            reason: "wrong token", challenge: "Token realm=\"test\"")
    }

    private let doorkeeper = Doorkeeper()

    private func withReceiver(
        _ keys: String = "", _ body: (RunningOTLPReceiver) async throws -> Void
    ) async throws {
        let auth = "{endpoint: '127.0.0.1:0', auth: {authenticator: doorkeeper}, \(keys)}"
        try await withOTLPReceiver(
            "protocols: {grpc: \(auth), http: \(auth)}", extensions: ["doorkeeper": doorkeeper], body)
    }

    private func fields(_ token: String?) -> HTTPFields {
        var fields: HTTPFields = ["content-type": "application/x-protobuf"]
        fields["authorization"] = token.map { "Token " + $0 }
        return fields
    }

    @Test func `who is known may send, and is named to the pipeline`() async throws {
        try await withReceiver { receiver in
            #expect(try await receiver.send(Samples.bytes(.traces, items: 1), fields("right")).status == 200)
            _ = try await receiver.call(
                Samples.bytes(.traces, items: 1), metadata: ["authorization": "Token right"])
            let origins = receiver.sink(.traces).batches.map { $0.origin }
            #expect(origins.map { $0?.attributes } == [["username": "alice"], ["username": "alice"]])
            #expect(origins.allSatisfy { $0?.metadata.isEmpty == true })
        }
    }

    @Test func `metadata stands beside the name`() async throws {
        try await withReceiver("include_metadata: true") { receiver in
            #expect(try await receiver.send(Samples.bytes(.traces, items: 1), fields("right")).status == 200)
            let origin = try #require(receiver.sink(.traces).batches.first?.origin)
            #expect(origin.attributes == ["username": "alice"])
            #expect(origin.metadata["authorization"] == ["Token right"])
        }
    }

    @Test(arguments: [nil, "wrong"])
    func `over http others are refused with a challenge`(token: String?) async throws {
        try await withReceiver { receiver in
            let response = try await receiver.send(Samples.bytes(.traces, items: 1), fields(token))
            #expect(response.status == 401)
            #expect(response.fields["www-authenticate"] == "Token realm=\"test\"")
            let status = try #require(RPCStatus(decoding: response.body))
            #expect(status.code == GRPCStatus.Code.unauthenticated.rawValue)
            #expect(status.message == "wrong token")
            let labels: KeyValuePairs = ["receiver": "otlp", "transport": "http"]
            #expect(receiver.harness.metric("apus_receiver_unauthenticated_requests", labels) == 1)
            #expect(receiver.sink(.traces).batches.isEmpty)
        }
    }

    @Test(arguments: [nil, "wrong"])
    func `over grpc others are refused`(token: String?) async throws {
        try await withReceiver { receiver in
            let metadata: HTTPFields = token.map { ["authorization": "Token " + $0] } ?? [:]
            let error = await #expect(throws: GRPCStatus.self) {
                _ = try await receiver.call(Samples.bytes(.traces, items: 1), metadata: metadata)
            }
            #expect(error == GRPCStatus(.unauthenticated, "wrong token"))
            let labels: KeyValuePairs = ["receiver": "otlp", "transport": "grpc"]
            #expect(receiver.harness.metric("apus_receiver_unauthenticated_requests", labels) == 1)
        }
    }

    @Test func `an authenticator that cannot tell now makes the client come again`() async throws {
        try await withReceiver { receiver in
            let response = try await receiver.send(.empty, fields("busy"))
            #expect(response.status == 503)
            #expect(response.fields["retry-after"] == "1")
            let error = await #expect(throws: GRPCStatus.self) {
                _ = try await receiver.call(.empty, metadata: ["authorization": "Token busy"])
            }
            #expect(error?.code == .unavailable)
        }
    }

    @Test func `the path is not told to strangers`() async throws {
        try await withReceiver { receiver async throws in
            #expect(try await receiver.send(to: "/nowhere", fields("wrong")).status == 401)
            #expect(try await receiver.send(to: "/nowhere", fields("right")).status == 404)
        }
    }

    @Test(arguments: [true, false])
    func `a request waits for a verdict that takes time`(isRight: Bool) async throws {
        try await withReceiver { receiver in
            async let http = receiver.send(Samples.bytes(.traces, items: 1), fields("slow"))
            async let grpc = outcome {
                try await receiver.call(
                    Samples.bytes(.traces, items: 1), metadata: ["authorization": "Token slow"])
            }
            // Each is asked about at its headers and again at its end.
            while doorkeeper.questionCount < 4 { await Task.yield() }
            #expect(receiver.sink(.traces).batches.isEmpty)
            doorkeeper.decide(
                isRight ? .success(Principal(attributes: ["username": "bob"])) : .failure(Doorkeeper.wrong))
            let (status, code) = (try await http.status, await grpc)
            #expect(status == (isRight ? 200 : 401))
            #expect(code == (isRight ? nil : .unauthenticated))
            let names = receiver.sink(.traces).batches.map { $0.origin?.attributes["username"] }
            #expect(names == (isRight ? ["bob", "bob"] : []))
        }
    }

    private func outcome(_ call: () async throws -> Bytes) async -> GRPCStatus.Code? {
        do {
            _ = try await call()
            return nil
        } catch {
            return (error as? GRPCStatus)?.code ?? .unknown
        }
    }

    @Test func `browsers ask first, without credentials`() async throws {
        try await withOTLPReceiver(
            RunningOTLPReceiver.http(
                "auth: {authenticator: doorkeeper}, cors: {allowed_origins: ['https://a']}"),
            extensions: ["doorkeeper": doorkeeper]
        ) { receiver in
            let preflight: HTTPFields = ["origin": "https://a", "access-control-request-method": "POST"]
            #expect(try await receiver.send(.empty, method: "OPTIONS", preflight).status == 204)
            var request = fields("wrong")
            request.add("origin", "https://a")
            let response = try await receiver.send(.empty, request)
            #expect(response.status == 401)
            #expect(response.fields["access-control-allow-origin"] == "https://a")
        }
    }

    @Test func `credentials may stand in the query`() async throws {
        try await withOTLPReceiver(
            RunningOTLPReceiver.http("auth: {authenticator: doorkeeper, request_params: [authorization]}"),
            extensions: ["doorkeeper": doorkeeper]
        ) { receiver async throws in
            #expect(try await receiver.send(to: "/v1/traces?authorization=Token+right").status == 200)
            #expect(try await receiver.send(to: "/v1/traces?authorization=Token+wrong").status == 401)
        }
    }

    @Test(arguments: ["grpc", "http"])
    func `an authenticator that is not there is an error with its key`(protocolName: String) async throws {
        let error = await #expect(throws: ComponentError.self) {
            try await withOTLPReceiver(
                "protocols: {\(protocolName): {endpoint: '127.0.0.1:0', auth: {authenticator: doorkeeper}}}"
            ) { _ in }
        }
        #expect(error?.key == "protocols.\(protocolName).auth.authenticator")
    }
}
