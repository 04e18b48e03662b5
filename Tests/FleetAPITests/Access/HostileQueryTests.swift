import HTTPAPI
import Testing

@testable import FleetAPI

/// What somebody sends who may look, and wants to do harm.
@Suite struct HostileQueryTests {
    private static let numbers = [
        "0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551616",
        "1e9", "NaN", "x", "", "%00", "%FF",
    ]

    /// Tokens of pages are their last keys in hexadecimal digits.
    private static func token(_ key: String) -> String {
        key.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func `no page of a list is beyond what can be asked for`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            for route in FleetRoutes.all where route.method == "GET" && !route.streams {
                for key in Self.numbers + ["\u{10FFFF}", String(repeating: "z", count: 3000)] {
                    let path = "\(TestFleet.path(of: route))?page_token=\(Self.token(key))"
                    let answer = try await fleet.send("GET", path)
                    #expect(answer.status < 500, "\(path): \(answer.text)")
                }
            }
            #expect(try await fleet.send("GET", "/livez").status == 200)
        }
    }

    @Test(arguments: [
        "page_size", "page_token", "after", "from", "to", "stage", "wait", "limit", "order", "selector",
        "search",
        "revision", "state", "phase", "healthy", "kind", "group",
    ])
    func `no value in a query does harm`(name: String) async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            for route in FleetRoutes.all where route.method == "GET" && !route.streams {
                for value in ["-9223372036854775808", "9223372036854775807", "%FF"] {
                    let path = "\(TestFleet.path(of: route))?\(name)=\(value)"
                    let answer = try await fleet.send("GET", path)
                    #expect(answer.status < 500, "\(path): \(answer.text)")
                }
            }
        }
    }

    @Test(arguments: [
        "/v1/agents/%2E%2E", "/v1/configs/..%2F..%2Fetc%2Fpasswd", "/v1/configs/%00",
        "/v1/configs/edge/revisions/-1",
        "/v1/configs/edge/revisions/9223372036854775808", "/v1/variants/..%2F..",
        "/v1/rollouts/%27%20OR%201=1--",
        "/v1/plans/%2e%2e%2fx", "/v1/values/a%2Fb", "/v1/webhooks/%F0%9F%92%A3", "/v1/../v1/agents",
        "//v1/agents",
    ])
    func `what names nothing is not there, however it is written`(path: String) async throws {
        try await TestFleet.with { fleet async throws in
            let answer = try await fleet.send("GET", path)
            #expect([400, 404].contains(answer.status), "\(answer.text)")
        }
    }
}
