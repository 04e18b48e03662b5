import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport

@Suite struct AuthenticatorSettingsTests {
    private struct Checks: ServerAuthenticator {
        static let name = "checks"
        static let summary = "Lets everybody in."
        init(_ configuration: NoSettings = NoSettings()) {}
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}
        func run(_ session: ExtensionSession) async throws(ComponentError) {}
        func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
            .granted(Principal(attributes: ["token": request.fields["token"] ?? ""]))
        }
    }

    private func harness() -> Harness {
        let harness = Harness()
        harness.give(Checks(), as: "checks/one")
        return harness
    }

    private func settings(_ id: String) throws -> AuthenticatorSettings {
        try AuthenticatorSettings.decode(yaml: "authenticator: '\(id)'")
    }

    @Test func `an authenticator is found by its id`() throws {
        let context = harness().context(.receiver, "otlp")
        let found = try settings("checks/one").server(transport: "grpc", in: context)
        #expect(found.refusal(fields: [:], peer: "unix") == nil)
    }

    @Test(arguments: ["checks", "checks/two"])
    func `an authenticator that is not enabled is an error with its key`(id: String) throws {
        let context = harness().context(.receiver, "otlp")
        let error = #expect(throws: ComponentError.self) {
            _ = try settings(id).server(transport: "grpc", in: context)
        }
        #expect(error?.key == "auth.authenticator")
        #expect(error?.description.contains("'\(id)' in service::extensions") == true)
    }

    @Test func `an extension of another kind is an error that says so`() throws {
        let context = harness().context(.exporter, "otlp_http")
        let error = #expect(throws: ComponentError.self) {
            _ = try settings("checks/one").client(in: context)
        }
        #expect(error?.key == "auth.authenticator")
        #expect(error?.description.contains("does not set credentials") == true)
    }

    @Test(arguments: ["{}", "authenticator: ''", "authenticator: 'a b'"])
    func `what cannot be an id is refused where it stands`(yaml: String) {
        #expect(throws: InvalidSettings.self) { _ = try AuthenticatorSettings.decode(yaml: yaml) }
    }

    @Test func `parameters of the query come before header fields`() async throws {
        let harness = harness()
        let settings = try HTTPServerAuthenticationSettings.decode(
            yaml: "{authenticator: checks/one, request_params: [token]}")
        let found = try settings.server(transport: "http", in: harness.context(.receiver, "otlp"))
        for (query, token) in [("token=q", "q"), ("other=q", "h"), (nil, "h")] {
            let principal = await withCheckedContinuation { continuation in
                found.decide(fields: ["token": "h"], query: query, peer: "unix", on: 0) {
                    continuation.resume(returning: try? $0.get())
                }
            }
            #expect(principal?.attributes == ["token": token])
        }
    }
}
