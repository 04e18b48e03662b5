import FleetModel
import HTTPAPI
import OpAMP
import Settings
import Testing
import Transport

@testable import Fleet
@testable import FleetAPI

/// Sets of packages, their files and the keys that they are signed with.
@Suite struct PackageRouteTests {
    private static let content = "a package"
    private static let hash = ContentHash(of: Array(content.utf8)).description
    private static let bytes: HTTPFields = ["content-type": "application/octet-stream"]

    @Test func `a set is made with its first version, shown, and deleted by whoever has seen it`()
        async throws
    {
        try await TestFleet.with { fleet async throws in
            let path = "/v1/package-sets/edge/versions"
            let made = try await fleet.send("POST", path, Samples.packages)
            #expect(made.status == 201)
            #expect(made.tree["reference"]?.text == "packages/edge@1")
            #expect(made.tree["packages", 0, "type"]?.text == "top_level")
            #expect(made.tree["packages", 0, "artefacts", 0, "hosted"]?.text == "false")
            #expect(try await fleet.send("POST", path, Samples.packages).status == 200)
            let next = Samples.packages.replacing("1.0", with: "1.1")
            #expect(try await fleet.send("POST", path, next).tree["number"]?.text == "2")
            #expect(try await fleet.send("GET", path + "/latest").tree["number"]?.text == "2")
            #expect(try await fleet.send("GET", path + "/1").tree == made.tree)
            #expect(try await fleet.send("GET", path + "/3").status == 404)
            let versions = try await fleet.send("GET", path + "?page_size=1")
            #expect(versions.tree["versions"]?.list?.map { $0["number"]?.text } == ["2"])
            let token = try #require(versions.tree["next_page_token"]?.text)
            let rest = try await fleet.send("GET", path + "?page_size=1&page_token=\(token)")
            #expect(rest.tree["versions"]?.list?.map { $0["number"]?.text } == ["1"])
            #expect(rest.tree["next_page_token"] == nil)
            let set = try await fleet.send("GET", "/v1/package-sets/edge")
            #expect(set.tree["latest"]?.text == "2")
            #expect(try await fleet.send("GET", "/v1/package-sets").tree["sets"]?.list == [set.tree])
            #expect(try await fleet.send("DELETE", "/v1/package-sets/edge").status == 428)
            let gone = try await fleet.send("DELETE", "/v1/package-sets/edge", nil, ["if-match": set.etag])
            #expect(gone.status == 200)
            #expect(try await fleet.send("GET", "/v1/package-sets/edge").status == 404)
            let kinds = fleet.context.events.events.map(\.kind)
            #expect(kinds.count { $0 == .packagesChanged } == 3)
        }
    }

    @Test(arguments: ["-9223372036854775808", "0", "junk", "9223372036854775808"])
    func `a page before what is no number of a version is refused`(_ key: String) async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/package-sets/edge/versions", Samples.packages)
            _ = try await fleet.send("POST", "/v1/configs/edge/revisions", Samples.draft)
            let token = Hash.hexadecimal(Array(key.utf8))
            for path in ["/v1/package-sets/edge/versions", "/v1/configs/edge/revisions", "/v1/audit"] {
                #expect(try await fleet.send("GET", path + "?page_token=\(token)").status == 400)
                #expect(try await fleet.send("GET", path + "?page_token=zz").status == 400)
                #expect(try await fleet.send("GET", path).status == 200)
            }
        }
    }

    @Test(arguments: [
        (#"{"packages": []}"#, "/packages"),
        (
            #"{"packages": [{"version": "1", "artefacts": [{"sha256": "12"}]}]}"#,
            "/packages/0/artefacts/0/sha256"
        ),
        (
            #"{"packages": [{"version": "1", "artefacts": [{"signature": "AA==", "sha256": "HASH"}]}]}"#,
            "/packages/0/artefacts/0/signature"
        ),
        (
            #"{"packages": [{"version": "1", "artefacts": [{"sha256": "HASH"}]}]}"#,
            "/packages/0/artefacts/0/sha256"
        ),
        (#"{"packages": [{"version": "1", "type": "both", "artefacts": []}]}"#, "/packages/0/type"),
        (#"{"packages": [{"version": "1", "artefact": []}]}"#, "/packages/0/artefact"),
    ])
    func `what is wrong is said at its place`(_ body: String, _ pointer: String) async throws {
        try await TestFleet.with { fleet async throws in
            let answer = try await fleet.send(
                "POST", "/v1/package-sets/edge/versions",
                body.replacing("HASH", with: String(repeating: "1", count: 64)))
            #expect(answer.status == 422)
            let pointers = answer.tree["errors"]?.list?.compactMap { $0["pointer"]?.text } ?? []
            #expect(pointers.contains(pointer), "\(pointers)")
            #expect(try await fleet.send("GET", "/v1/package-sets/edge").status == 404)
        }
    }

    @Test func `a file comes in pieces, is named by a set, and stays as long as that`() async throws {
        try await TestFleet.with { fleet async throws in
            let path = "/v1/package-files/\(Self.hash)"
            let size = Self.content.utf8.count
            #expect(try await fleet.send("GET", path).status == 404)
            #expect(try await fleet.send("PUT", path, "a pack", Self.bytes).status == 400)
            #expect(try await fleet.send("PUT", path + "?size=\(size)", "a pack").status == 415)
            let first = try await fleet.send("PUT", path + "?size=\(size)", "a pack", Self.bytes)
            #expect((first.status, first.tree["received"]?.text) == (200, "6"))
            let wrong = try await fleet.send("PUT", path + "?size=\(size)&offset=7", "ge", Self.bytes)
            #expect(wrong.status == 422)
            let last = try await fleet.send("PUT", path + "?size=\(size)&offset=6", "age", Self.bytes)
            #expect((last.status, last.etag) == (201, "\"\(Self.hash)\""))
            #expect(try await fleet.send("GET", "/v1/package-files").tree["files"]?.list == [last.tree])
            let body = #"{"packages": [{"version": "1", "artefacts": [{"sha256": "\#(Self.hash)"}]}]}"#
            let made = try await fleet.send("POST", "/v1/package-sets/edge/versions", body)
            #expect(made.status == 201)
            #expect(made.tree["packages", 0, "artefacts", 0, "hosted"]?.text == "true")
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": "*"]).status == 409)
            _ = try await fleet.send("DELETE", "/v1/package-sets/edge", nil, ["if-match": "*"])
            #expect(try await fleet.send("DELETE", path, nil, ["if-match": "*"]).status == 200)
        }
    }

    @Test func `everybody who may look sees the key that packages are signed with`() async throws {
        try await TestFleet.with { fleet async throws in
            let viewer = try await fleet.token("looker", .viewer)
            let answer = try await fleet.send("GET", "/v1/package-keys", as: viewer)
            let key = try #require(answer.tree["keys", 0, "public_key"]?.text.flatMap { PackageKey($0) })
            #expect(key == fleet.context.packages.trust.own)
            #expect(answer.tree["keys", 0, "pem"]?.text == key.pem)
            let made = try await fleet.send("POST", "/v1/package-sets/edge/versions", Samples.packages)
            let artefact = made.tree["packages", 0, "artefacts", 0]
            let signature = try #require(artefact?["signature"]?.text.flatMap { Base64.decode($0) })
            let hash = try #require(artefact?["sha256"]?.text.flatMap { ContentHash($0) })
            let statement = PackageStatement(name: "agent", type: "top_level", version: "1.0", hash: hash)
            #expect(key.verifies(signature, of: statement))
        }
    }

    @Test func `a rollout may name the latest version of a set`() async throws {
        try await TestFleet.with { fleet async throws in
            _ = try await fleet.send("POST", "/v1/package-sets/edge/versions", Samples.packages)
            let body = #"{"target": "packages/edge@latest", "plan": [{"size": "100%"}]}"#
            _ = try await fleet.send("POST", "/v1/rollouts", body)
            #expect(fleet.rollouts.calls.contains { $0.contains("packages/edge@1") })
            let missing = body.replacing("edge", with: "nothing")
            #expect(try await fleet.send("POST", "/v1/rollouts", missing).status == 422)
        }
    }
}

extension Tree {
    /// What is at a path of keys and places.
    fileprivate subscript(_ first: String, _ rest: Any...) -> Tree? {
        rest.reduce(self[first]) { tree, part in
            switch part {
            case let key as String: tree?[key]
            case let index as Int: tree?.list.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            default: nil
            }
        }
    }
}
