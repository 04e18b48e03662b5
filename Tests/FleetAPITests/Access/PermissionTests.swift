import Fleet
import FleetModel
import FleetStore
import HTTPAPI
import OpAMP
import Settings
import Testing
import Transport

@testable import FleetAPI

/// Every route × every role × what is to be expected, from the table of routes.
@Suite struct PermissionTests {
    @Test(arguments: FleetRole.allCases)
    func `a role opens what its permissions say and nothing else`(role: FleetRole) async throws {
        try await TestFleet.with { fleet async throws in
            let token = try await fleet.token("someone", role)
            for route in FleetRoutes.all {
                guard let right = route.right else { continue }
                let path = TestFleet.path(of: route) + "?dry_run=true"
                let answer = try await fleet.send(route.method, path, as: token)
                if role.permissions.isSuperset(of: right) {
                    #expect(![401, 403, 405].contains(answer.status), "\(route.id) as \(role)")
                } else {
                    #expect(answer.status == 403, "\(route.id) as \(role)")
                    #expect(answer.tree["type"] == .text("urn:apus:problem:permission"))
                }
            }
        }
    }

    @Test func `credentials of agents open nothing`() async throws {
        try await TestFleet.with { fleet async throws in
            let access = fleet.context.access
            let enrollment = try await access.enrollmentTokens.create(
                EnrollmentTokenRequest(name: "edge"), by: "test")
            let agent = try await access.agentToken(for: FakeAgents.first)
            for credential in [enrollment.text, agent] {
                for route in FleetRoutes.all where route.right != nil {
                    let answer = try await fleet.send(
                        route.method, TestFleet.path(of: route), as: credential)
                    #expect([401, 429].contains(answer.status), "\(route.id)")
                }
            }
            #expect(fleet.agents.calls.isEmpty)
            #expect(fleet.rollouts.calls.isEmpty)
        }
    }

    @Test func `without a token there is the description, and soon not even an answer`() async throws {
        try await TestFleet.with { fleet async throws in
            var statuses: [Int] = []
            for route in FleetRoutes.all {
                let answer = try await fleet.sendUnknown(route.method, TestFleet.path(of: route))
                guard route.right != nil else {
                    #expect(answer.status == 200)
                    continue
                }
                statuses.append(answer.status)
                #expect(answer.fields["www-authenticate"]?.hasPrefix("Bearer") == true)
                #expect(answer.fields["content-type"] == "application/problem+json")
            }
            #expect(statuses.prefix(10).allSatisfy { $0 == 401 })
            #expect(statuses.dropFirst(10).allSatisfy { $0 == 429 })
            #expect(try await fleet.send("GET", "/v1/build").status == 200)
        }
    }

    @Test func `every GET only looks`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.make("/v1/groups/edge", #"{"selector": "env=prod"}"#)
            let before = try await state(of: fleet)
            for route in FleetRoutes.all where route.method == "GET" {
                #expect(!route.changes)
                _ = try await fleet.send("GET", TestFleet.path(of: route))
                _ = try await fleet.send("HEAD", TestFleet.path(of: route))
            }
            #expect(try await state(of: fleet) == before)
            #expect(fleet.agents.calls.isEmpty)
            #expect(fleet.rollouts.calls.isEmpty)
        }
    }

    @Test func `a dry run changes nothing, whatever it is about`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.make("/v1/groups/edge", #"{"selector": "env=prod"}"#)
            _ = try await fleet.make("/v1/values/edge", #"{"value": 1}"#)
            _ = try await fleet.make("/v1/plans/edge", #"{"stages": [{"size": 1}]}"#)
            _ = try await fleet.make("/v1/webhooks/edge", #"{"url": "https://a.example/x"}"#)
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            _ = try await fleet.send("POST", "/v1/package-sets/edge/versions", Samples.packages)
            fleet.agents.set(isConnected: false)
            let before = try await documents(of: fleet)
            let bodies: [String: String] = [
                "putGroup": #"{"selector": ""}"#, "putValue": #"{"value": 2}"#,
                "putPlan": #"{"stages": [{"size": 2}]}"#, "patchConfig": #"{"description": "x"}"#,
                "addRevision": Samples.other, "patchAgent": #"{"labels": {"a": "b"}}"#,
                "addPackageVersion": Samples.packages.replacing("1.0", with: "1.1"), "putPackageFile": "x",
                "startRollout": Samples.rollout, "createToken": #"{"name": "x", "roles": ["viewer"]}"#,
                "createEnrollmentToken": #"{"name": "x"}"#, "putWebhook": #"{"url": "https://a.example/x"}"#,
                "putApprovals": #"{"approval_size": 3}"#,
                "apply": #"{"values": [{"name": "z", "value": 1}]}"#, "renderConfig": "{}",
            ]
            for route in FleetRoutes.all where route.changes {
                var fields: HTTPFields = ["if-match": "*"]
                if route.body == .bytes { fields["content-type"] = "application/octet-stream" }
                let answer = try await fleet.send(
                    route.method, TestFleet.path(of: route) + "?dry_run=true&prune=true&size=1",
                    bodies[route.id], fields)
                #expect([200, 404, 409].contains(answer.status), "\(route.id): \(answer.text)")
            }
            #expect(try await documents(of: fleet) == before)
            #expect(fleet.agents.calls.isEmpty)
            #expect(fleet.rollouts.calls.isEmpty)
        }
    }

    @Test(arguments: [
        ("localhost", 200), ("127.0.0.1:80", 200), ("fleet.EXAMPLE", 200), ("evil.example", 403),
        ("localhost.evil.example", 403),
    ])
    func `requests are for known hosts only`(host: String, status: Int) async throws {
        try await TestFleet.with { fleet async throws in
            #expect(try await fleet.send("GET", "/v1/build", nil, ["host": host]).status == status)
        }
    }

    @Test(arguments: [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")])
    func `pages of others get nothing`(field: String, value: String) async throws {
        try await TestFleet.with { fleet async throws in
            let answer = try await fleet.send("GET", "/v1/build", nil, [field: value])
            #expect(answer.status == 403)
            #expect(!answer.fields.contains("access-control-allow-origin"))
        }
    }

    @Test func `writes and denied tries are noted with who, what and from where`() async throws {
        try await TestFleet.with { fleet async throws in
            let token = try await fleet.token("looker", .viewer)
            _ = try await fleet.send(
                "PUT", "/v1/values/x", #"{"value": 1}"#, as: token, ["x-request-id": "mine"])
            #expect(try await eventually { try await !fleet.context.audit.latest().isEmpty })
            let denied = try #require(try await fleet.context.audit.latest().first?.record)
            #expect(denied.result == "denied")
            #expect(denied.actor == "token:looker")
            #expect(denied.action == "putValue")
            #expect(denied.detail["request"] == .text("mine"))
            #expect(denied.origin.hasPrefix("127.0.0.1:"))
            _ = try await fleet.make("/v1/values/x", #"{"value": 1}"#)
            let done = try #require(try await fleet.context.audit.latest().first?.record)
            #expect(done.result == "done")
            #expect(done.actor == "token:root")
        }
    }

    private func state(of fleet: TestFleet) async throws -> String {
        let entries = try await fleet.context.audit.latest().count
        return "\(entries) \(fleet.context.events.events.count) \(try await documents(of: fleet))"
    }

    private func documents(of fleet: TestFleet) async throws -> [String] {
        var found: [String] = []
        for kind in DocumentKind.allCases {
            found += try await fleet.context.store.documents(kind, after: nil, limit: 1000).map {
                "\(kind) \($0.id) \($0.version)"
            }
        }
        return found
    }
}
