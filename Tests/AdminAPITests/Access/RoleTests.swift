import Engine
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport

@testable import AdminAPI
@testable import HTTPAPI

/// Every route × every role × what is to be expected, from the table of routes.
@Suite struct RoleTests {
    /// A request for a route, with something for each parameter.
    private func path(of route: AdminRoute) -> String {
        route.template.replacing("{kind}", with: "exporter").replacing("{type}", with: "otlp")
            .replacing("{id}", with: "traces")
    }

    @Test func `each route needs its role and no more`() async throws {
        try await TestAPI.with { api async throws in
            let tokens = try AdminRole.allCases.map { ($0, try api.token($0)) }
            for route in AdminRoutes.all {
                guard let needed = route.right else { continue }
                for (role, token) in tokens {
                    let answer = try await api.sendTCP(route.method, path(of: route), token: token)
                    if role >= needed {
                        #expect(![401, 403, 405].contains(answer.status), "\(route.id) as \(role)")
                    } else {
                        #expect(answer.status == 403, "\(route.id) as \(role)")
                        #expect(answer.tree?["type"] == .text("urn:apus:problem:role"))
                    }
                }
            }
        }
    }

    @Test func `without a token nothing but the description is there, and soon not even an answer`()
        async throws
    {
        try await TestAPI.with { api async throws in
            var statuses: [Int] = []
            for route in AdminRoutes.all {
                let answer = try await api.sendTCP(route.method, path(of: route))
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
            let good = try await api.sendTCP("GET", "/v1/build", token: try api.token(.read))
            #expect(good.status == 200)
            #expect(await api.control.calls.isEmpty)
        }
    }

    @Test func `every GET only looks`() async throws {
        try await TestAPI.with { api async throws in
            for route in AdminRoutes.all where route.method == "GET" {
                #expect(!route.changes)
                _ = try await api.send("GET", path(of: route))
                _ = try await api.send("HEAD", path(of: route))
            }
            #expect(await api.control.calls.isEmpty)
            #expect(api.audit.entries.isEmpty)
            #expect(api.events.events.isEmpty)
        }
    }

    @Test func `the unix socket knows its user`() async throws {
        try await TestAPI.with { api async throws in
            #expect(try await api.send("GET", "/v1/pipelines").status == 200)
        }
        try await TestAPI.with {
            $0.access = AdminAccess(users: [])
        } _: { api async throws in
            #expect(try await api.send("GET", "/v1/pipelines").status == 401)
        }
    }

    @Test func `tokens end, by time and by being revoked`() async throws {
        try await TestAPI.with { api async throws in
            let short = try api.token(.read, life: .seconds(60))
            #expect(try await api.sendTCP("GET", "/v1/build", token: short).status == 200)
            api.clock.advance(by: .seconds(61))
            #expect(try await api.sendTCP("GET", "/v1/build", token: short).status == 401)
            let other = try api.token(.operate)
            #expect(try await api.sendTCP("GET", "/v1/build", token: other).status == 200)
            #expect(try api.tokens.revoke("test-operate") == 1)
            #expect(try await api.sendTCP("GET", "/v1/build", token: other).status == 401)
            #expect(try await api.sendTCP("GET", "/v1/build", token: "apus_x_y").status == 401)
        }
    }

    @Test func `reads without a token are possible where that is wanted, writes are not`() async throws {
        try await TestAPI.with {
            $0.access.anonymous = .read
        } _: { api async throws in
            #expect(try await api.sendTCP("GET", "/v1/build").status == 200)
            #expect(try await api.sendTCP("PUT", "/v1/config", "{}").status == 403)
        }
    }

    @Test(arguments: [
        ("localhost", 200), ("127.0.0.1:80", 200), ("[::1]:80", 200), ("LOCALHOST.:4319", 200),
        ("collector.example", 200), ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("1.2.3", 403),
        ("localhost.evil.example", 403),
    ])
    func `requests are for known hosts only`(host: String, status: Int) async throws {
        try await TestAPI.with {
            $0.access.hosts = ["Collector.example"]
        } _: { api async throws in
            let token = try api.token(.read)
            let answer = try await api.sendTCP("GET", "/v1/build", token: token, ["host": host])
            #expect(answer.status == status)
            #expect(await eventually { api.audit.entries.count == (status == 403 ? 1 : 0) })
        }
    }

    @Test(arguments: [
        ("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ])
    func `pages of others get nothing`(field: String, value: String) async throws {
        try await TestAPI.with { api async throws in
            let answer = try await api.sendTCP(
                "GET", "/v1/build", token: try api.token(.read), [field: value])
            #expect(answer.status == 403)
            #expect(!answer.fields.contains("access-control-allow-origin"))
            #expect(try await api.send("GET", "/v1/build", nil, [field: value]).status == 403)
        }
    }

    @Test func `denied tries and writes are noted with who and what`() async throws {
        try await TestAPI.with { api async throws in
            let token = try api.token(.read)
            _ = try await api.sendTCP(
                "PUT", "/v1/config", "{}", token: token, ["x-request-id": "mine"])
            #expect(await eventually { !api.audit.entries.isEmpty })
            let denied = try #require(api.audit.entries.first)
            #expect(denied.outcome == .denied)
            #expect(denied.actor == "token:test-read")
            #expect(denied.action == "putConfig")
            #expect(denied.requestID == "mine")
            #expect(denied.address.hasPrefix("127.0.0.1:"))
            #expect(api.events.events.map(\.kind) == [.accessDenied])
            _ = try await api.send("PUT", "/v1/log-levels", #"{"level": "debug"}"#)
            #expect(api.audit.entries.last?.outcome == .done)
            #expect(api.audit.entries.last?.actor.hasPrefix("uid:") == true)
        }
    }
}
