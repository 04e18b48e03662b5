import Extensions
import Pipeline
import PipelineTesting
import Testing
import Transport
import Wire

@Suite struct GuardedApplicationTests {
    /// An authenticator that decides later and lets everybody in, or nobody.
    private struct Slow: ServerAuthenticator {
        static let name = "slow"
        static let summary = "Decides later."
        typealias Configuration = NoSettings

        var letsIn = true

        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}

        init(letsIn: Bool) { self.letsIn = letsIn }

        func run(_ session: ExtensionSession) async throws(ComponentError) { session.ready() }

        func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
            let pending = PendingAuthentication()
            let letsIn = letsIn
            Task {
                pending.decide(
                    letsIn
                        ? .success(Principal())
                        : .failure(.unauthenticated(reason: "nobody", challenge: "Bearer")))
            }
            return .pending(pending)
        }
    }

    private static let yaml = "{endpoint: '127.0.0.1:0', auth: {authenticator: slow}}"

    @Test(arguments: [(true, 200), (false, 401)])
    func `an authenticator that takes its time decides about each request`(letsIn: Bool, status: Int)
        async throws
    {
        let surroundings = Harness()
        surroundings.give(Slow(letsIn: letsIn), as: "slow")
        let harness = try await ExtensionHarness(ZPages.self, yaml: Self.yaml, in: surroundings)
        let answer = try await HealthProbe(surroundings: surroundings).get("/debug/servicez")
        #expect(answer.status == status)
        #expect(answer.fields["www-authenticate"] == (letsIn ? nil : "Bearer"))
        #expect(letsIn || answer.body.string == "nobody")
        try await harness.stop()
    }

    @Test func `an authenticator that is not there yet is named with its place`() async {
        let error = await #expect(throws: ComponentError.self) {
            _ = try await ExtensionHarness(ZPages.self, yaml: Self.yaml)
        }
        #expect(error?.key == "auth.authenticator")
        #expect(error?.description.contains("stands before it in service::extensions") == true)
    }

    @Test func `the key of an authenticator of the second health check is told in full`() async {
        let error = await #expect(throws: ComponentError.self) {
            _ = try await ExtensionHarness(
                HealthCheckV2.self,
                yaml: "{use_v2: true, http: {endpoint: '127.0.0.1:0', auth: {authenticator: slow}}}")
        }
        #expect(error?.key == "http.auth.authenticator")
    }
}
