import Exporters
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport

/// Who may scrape.
@Suite struct PageAccessTests {
    /// Lets `Token right` in, is too busy for `Token busy`, and refuses everything else.
    private final class Doorkeeper: ServerAuthenticator {
        static let name = "doorkeeper"
        static let summary = "Checks one token."

        init() {}
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}
        func run(_ session: ExtensionSession) async throws(ComponentError) {}

        func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
            switch request.fields["authorization"] {
            case "Token right": .granted(Principal(attributes: ["username": "alice"]))
            case "Token busy": .refused(.later(reason: "too much to do"))
            default:
                .refused(.unauthenticated(reason: "wrong token", challenge: "Token realm=\"test\""))
            }
        }
    }

    @Test func `an authenticator decides`() async throws {
        let keys = "auth: {authenticator: doorkeeper}"
        try await withPage(keys, extensions: ["doorkeeper": Doorkeeper()]) { page in
            let stranger = try await page.get()
            #expect(stranger.status == 401)
            #expect(stranger.fields["www-authenticate"] == "Token realm=\"test\"")
            #expect(try await page.get(["authorization": "Token busy"]).status == 503)
            #expect(try await page.get(["authorization": "Token right"]).status == 200)
        }
    }

    @Test func `pages of other origins may read it where that is allowed`() async throws {
        let keys = "cors: {allowed_origins: ['https://a.example']}, response_headers: {x-from: apus}"
        try await withPage(keys) { page in
            let preflight = try await page.get(
                ["origin": "https://a.example", "access-control-request-method": "GET"], method: "OPTIONS")
            #expect(preflight.status == 204)
            #expect(preflight.fields["access-control-allow-methods"] == "GET")
            #expect(preflight.fields["access-control-allow-origin"] == "https://a.example")
            let own = try await page.get(["origin": "https://b.example"])
            #expect(own.status == 200 && own.fields["access-control-allow-origin"] == nil)
            #expect(own.fields["x-from"] == "apus")
        }
    }
}
