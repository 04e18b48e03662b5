import FleetModel
import FleetStore
import Settings
import Testing

@testable import Fleet

@Suite struct ImportTests {
    private static func manifest(_ yaml: String) throws -> FleetManifest {
        try FleetManifest(tree: try Tree(yaml: yaml, source: ConfigurationSource(.file, "fleet.yaml")))
    }

    private static func whole(_ change: (inout FleetManifest) -> Void = { _ in }) throws -> FleetManifest {
        var manifest = try manifest(
            """
            source: git
            groups:
              - {name: prod, selector: "env=prod", priority: 3, values: {host: prod}}
            values:
              - {name: host, value: all}
            plans:
              - {name: careful, spec: {stages: [{size: 1}]}}
            """)
        manifest.configurations = [
            FleetManifest.Configuration(
                name: "edge", description: "edges", message: "from 1234",
                draft: RevisionDraft(yaml: CheckTests.good))
        ]
        change(&manifest)
        return manifest
    }

    private static func apply(
        _ manifest: FleetManifest, _ fixture: LibraryFixture, prune: Bool = false, dryRun: Bool = false
    ) async throws -> [ImportChange] {
        try await FleetImport(fixture.library).apply(
            manifest, prune: prune, dryRun: dryRun, by: LibraryFixture.author)
    }

    @Test func `applying makes everything, and applying again does nothing`() async throws {
        let fixture = try await LibraryFixture()
        let first = try await Self.apply(try Self.whole(), fixture, prune: true)
        #expect(first.map(\.action) == [.created, .created, .created, .created])
        #expect(first.first?.revision == 1)
        let before = try await fixture.everything()
        let second = try await Self.apply(try Self.whole(), fixture, prune: true)
        #expect(second.map(\.action) == [.unchanged, .unchanged, .unchanged, .unchanged])
        #expect(second.first?.revision == 1)
        #expect(try await fixture.everything() == before)
        #expect(fixture.groups.group("prod")?.group.priority == 3)
        #expect(try await fixture.library.configuration("edge").description == "edges")
    }

    @Test func `a dry run says the same and writes nothing`() async throws {
        let fixture = try await LibraryFixture()
        let planned = try await Self.apply(try Self.whole(), fixture, dryRun: true)
        #expect(try await fixture.everything().isEmpty)
        let done = try await Self.apply(try Self.whole(), fixture)
        #expect(planned.map(\.action) == done.map(\.action))
    }

    @Test func `what has changed is updated, and content of before is found again`() async throws {
        let fixture = try await LibraryFixture()
        _ = try await Self.apply(try Self.whole(), fixture)
        let changed = try Self.whole { manifest in
            manifest.configurations[0].draft = RevisionDraft(yaml: CheckTests.good + "# new\n")
            manifest.groups[0].priority = 4
        }
        let changes = try await Self.apply(changed, fixture)
        #expect(changes.map(\.action) == [.updated, .updated, .unchanged, .unchanged])
        #expect(changes.first?.revision == 2)
        #expect(try await Self.apply(try Self.whole(), fixture).first?.revision == 1)
    }

    @Test func `pruning takes away only what came from the same files and nobody runs`() async throws {
        let fixture = try await LibraryFixture()
        _ = try await Self.apply(try Self.whole(), fixture)
        try await fixture.add(CheckTests.good, to: "by-hand")
        _ = try await Self.apply(
            try Self.whole { manifest in
                manifest.source = "other"
                manifest.configurations[0].name = "other"
                manifest.groups = []
                manifest.values = []
                manifest.plans = []
            }, fixture)
        let empty = FleetManifest(source: "git")
        let planned = try await Self.apply(empty, fixture, prune: true, dryRun: true)
        #expect(planned.map(\.action) == [.deleted, .deleted, .deleted, .deleted])
        #expect(try await Self.apply(empty, fixture).isEmpty)
        fixture.inUse.insert("edge")
        let changes = try await Self.apply(empty, fixture, prune: true)
        #expect(changes.map(\.action) == [.kept, .deleted, .deleted, .deleted])
        #expect(try await fixture.library.configurations().map(\.name) == ["by-hand", "edge", "other"])
        #expect(fixture.groups.list().isEmpty && fixture.values.list().isEmpty)
        #expect(try await fixture.store.documents(.plan, limit: 10).isEmpty)
    }

    @Test func `everything is checked before anything is written`() async throws {
        let fixture = try await LibraryFixture()
        let wrong = try Self.whole { manifest in
            manifest.values[0].name = "not a name"
            manifest.groups.append(manifest.groups[0])
            manifest.configurations[0].draft = RevisionDraft(yaml: "a: [")
        }
        let error = await #expect(throws: LibraryError.self) { try await Self.apply(wrong, fixture) }
        guard case .invalid(let findings)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let tops = Set(findings.compactMap(\.diagnostic.path.first))
        #expect(tops == ["values", "groups", "configurations"])
        #expect(try await fixture.everything().isEmpty)
    }

    @Test func `plans are checked by whoever knows them`() async throws {
        let fixture = try await LibraryFixture()
        let importing = FleetImport(fixture.library) { name, spec in
            spec["stages"] == nil ? [] : [Diagnostic(path: ["stages"], "not like that, \(name)")]
        }
        let error = await #expect(throws: LibraryError.self) {
            try await importing.apply(
                try Self.whole(), prune: false, dryRun: false, by: LibraryFixture.author)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("not like that, careful"))
    }

    @Test func `a manifest is read with files in text and base64`() throws {
        let manifest = try Self.manifest(
            """
            configurations:
              - name: edge
                silence: [no-batch]
                partial: true
                variables: {port: {type: int, default: 4317}}
                files:
                  - {name: a.yaml, body: "a: 1"}
                  - {name: b, type: text/plain, encoding: base64, body: "AAEC/w=="}
            """)
        let draft = try #require(manifest.configurations.first?.draft)
        #expect(draft.files.map(\.body) == [Array("a: 1".utf8), [0, 1, 2, 0xFF]])
        #expect(draft.isPartial && draft.silenced == ["no-batch"])
        #expect(draft.variables["port"]?.type == .int)
    }

    @Test(arguments: [
        ("groups: [{name: a, selector: 'env in'}]", "groups"), ("values: [{name: a}]", "values"),
        ("configuration: []", "configuration"), ("configurations: [{name: a}]", "configurations"),
        ("configurations: [{name: a, files: [{encoding: base64, body: '*'}]}]", "configurations"),
        ("source: a/b", "source"),
    ])
    func `a manifest that is wrong is told with the place`(yaml: String, key: String) {
        let error = #expect(throws: InvalidSettings.self) { try Self.manifest(yaml) }
        #expect(error?.diagnostics.first?.path.first == key)
        #expect(error?.diagnostics.first?.position != nil)
    }

    @Test(arguments: [
        ("", [] as [UInt8]?), ("AA==", [0]), ("AAE=", [0, 1]), ("AAEC", [0, 1, 2]),
        ("////", [255, 255, 255]),
        ("A", nil), ("AA=A", nil), ("A===", nil), ("AA==AAEC", nil), ("AA\n=", nil),
    ])
    func `base64 is read strictly`(text: String, bytes: [UInt8]?) { #expect(Base64.decode(text) == bytes) }
}
