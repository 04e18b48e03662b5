internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// `/v1/configs/{name}:…`: what is said of a draft or a revision without anything being kept.
enum CheckRoutes {
    private static let one = "/v1/configs/{name}"

    static let all: [FleetRoute] = [
        FleetRoute(
            "validateConfig", "POST", one + ":validate", .look, body: .document(isOptional: true),
            changes: false, validate),
        FleetRoute(
            "lintConfig", "POST", one + ":lint", .look, body: .document(isOptional: true), changes: false,
            lint),
        FleetRoute(
            "renderConfig", "POST", one + ":render", .look, body: .document(isOptional: false),
            changes: false, render),
    ]

    /// Checks against the components that the agents themselves have reported.
    static func validate(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let input = try call.settings(CheckInput.self)
        let draft = try await input.draft(call)
        let builds = try await call.builds(input)
        let findings = call.context.library.check(draft, for: builds.map(\.components))
            .filter { $0.severity != .note }
        return reply(findings, builds.map(\.name))
    }

    static func lint(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let draft = try await call.settings(CheckInput.self).draft(call)
        return reply(call.context.library.check(draft), [])
    }

    static func render(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let input = try call.settings(CheckInput.self)
        guard let text = input.agent, let uid = InstanceUID(text) else {
            throw .invalid(
                "the body has errors",
                errors: [Diagnostic(path: ["agent"], "must be the instance_uid of an agent")])
        }
        let subject = try call.subject(uid)
        let draft = try await input.draft(call)
        do throws(LibraryError) {
            let rendering = try call.context.library.preview(draft, for: subject)
            let variables = try call.context.library.variables(of: draft, for: subject).map { variable in
                Tree.Entry(
                    variable.name,
                    .table(["value": .text(variable.value), "origin": .text("\(variable.origin)")]))
            }
            return .tree(
                .table([
                    "hash": .text(rendering.hash.description), "files": Trees.files(rendering.files),
                    "variables": Tree(.table(variables)),
                ]))
        } catch {
            throw APIProblem(error)
        }
    }

    private static func reply(_ findings: [ConfigurationFinding], _ builds: [String]) -> APIReply {
        .tree(
            .table([
                "valid": .bool(!findings.hasErrors), "findings": Trees.findings(findings),
                "builds": Trees.texts(builds),
            ]))
    }
}
