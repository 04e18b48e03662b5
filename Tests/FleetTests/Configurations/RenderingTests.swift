import FleetModel
import FleetStore
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Testing
import Wire

@testable import Fleet

@Suite struct RenderingTests {
    /// Never written anywhere but into an offer.
    private static let marker = "marker-s3cr3t$x"

    private static let template = CheckTests.good
        .replacing("example.com", with: "${var:host}.example.com")
        .replacing("limit_mib: 100", with: "limit_mib: '${var:limit}'")

    private static func declare(_ draft: inout RevisionDraft) {
        var host = TemplateVariable()
        host.isRequired = true
        host.source = "host.name"
        var limit = TemplateVariable()
        limit.type = .int
        limit.initial = .number(100)
        draft.variables = ["host": host, "limit": limit]
    }

    private static func subject(_ host: String, _ labels: [String: String] = [:]) -> TemplateSubject {
        TemplateSubject(uid: LibraryFixture.uid, labels: labels, attributes: ["host.name": host])
    }

    @Test func `a revision without placeholders goes out byte for byte`() async throws {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(CheckTests.good + "# a comment\n").revision.reference
        let rendering = try await fixture.library.render(reference, for: Self.subject("a"))
        #expect(rendering.files.first?.text == CheckTests.good + "# a comment\n")
        #expect(rendering.hash == CanonicalFiles.hash(rendering.files))
    }

    @Test func `each agent gets its own values, and agents with the same values the same bytes`()
        async throws
    {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        let one = try await fixture.library.render(reference, for: Self.subject("a"))
        let same = try await fixture.library.render(reference, for: Self.subject("a", ["zone": "1"]))
        let other = try await fixture.library.render(reference, for: Self.subject("b"))
        #expect(one == same && one.hash != other.hash)
        let tree = try #require(one.files.first).tree()
        #expect(tree[["exporters", "otlp", "endpoint"]]?.text == "https://a.example.com:4317")
        #expect(tree[["processors", "memory_limiter", "limit_mib"]]?.scalar?.value == .int(100))
        #expect(try await fixture.library.offer(one.hash).array == fixture.library.offer(same.hash).array)
    }

    @Test func `values of groups and of the fleet reach the agents they are for`() async throws {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        try await fixture.values.put(FleetValue(name: "limit", value: .number(200)), over: 0)
        try await fixture.groups.put(
            FleetGroup(
                name: "big", selector: try Selector(parsing: "size=big"), values: ["limit": .number(900)]),
            over: 0)
        func limit(_ labels: [String: String]) async throws -> String? {
            let rendering = try await fixture.library.render(reference, for: Self.subject("a", labels))
            return try rendering.files.first?.tree()[["processors", "memory_limiter", "limit_mib"]]?.text
        }
        #expect(try await limit([:]) == "200")
        #expect(try await limit(["size": "big"]) == "900")
        #expect(try await limit(["size": "big", "var.limit": "50"]) == "50")
        let resolved = try fixture.library.variables(
            of: try await fixture.library.revision(reference).draft, for: Self.subject("a"))
        #expect(resolved.map(\.origin) == [.source("host.name"), .fleet])
    }

    @Test func `an agent without a required value is an error that names the variable`() async throws {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        let error = await #expect(throws: LibraryError.self) {
            try await fixture.library.render(reference, for: TemplateSubject(uid: LibraryFixture.uid))
        }
        guard case .variables(let findings)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(findings.map(\.diagnostic.path) == [["variables", "host"]])
    }

    @Test func `a rendering can be offered again whatever values have become`() async throws {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        let hash = try await fixture.library.render(reference, for: Self.subject("a")).hash
        try await fixture.values.put(FleetValue(name: "limit", value: .number(200)), over: 0)
        // Another manager, which has rendered nothing.
        let other = try await LibraryFixture(fixture.store)
        #expect(other.library.cachedOffer(hash)?.array == nil)
        let offer = try await other.library.offer(hash)
        #expect(other.library.cachedOffer(hash)?.array == offer.array)
        let message = try ServerToAgent(
            decoding: Self.joined(ServerToAgent.uidField(LibraryFixture.uid), offer))
        #expect(message.instanceUID == LibraryFixture.uid)
        #expect(message.remoteConfig?.hash == hash.bytes)
        let object = try #require(message.remoteConfig?.config?.objects[""])
        #expect(object.contentType == "text/yaml")
        let tree = try Tree(yaml: String(decoding: object.body, as: UTF8.self), source: .builtIn)
        #expect(tree[["processors", "memory_limiter", "limit_mib"]]?.text == "100")
    }

    @Test func `what is assigned late is in the store although nobody needed it meanwhile`() async throws {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        let hash = try await fixture.library.render(reference, for: Self.subject("a")).hash
        fixture.clock.advance(by: .seconds(7200))
        try await fixture.store.dropUnusedContents()
        #expect(try await fixture.store.content(hash) == nil)
        #expect(try await fixture.library.render(reference, for: Self.subject("a")).hash == hash)
        #expect(try await fixture.store.content(hash) != nil)
    }

    @Test func `a hash that is no rendering is not offered`() async throws {
        let fixture = try await LibraryFixture()
        let content = try await fixture.store.putContent(Array("something else".utf8))
        for hash in [content, ContentHash(of: [])] {
            await #expect(throws: LibraryError.self) { try await fixture.library.offer(hash) }
        }
    }

    // MARK: - Secrets

    @Test func `a secret is in the offer and nowhere else`() async throws {
        let fixture = try await LibraryFixture()
        fixture.secrets.set("backend", Self.marker)
        let yaml = Self.template.replacing("${env:KEY}", with: "${secret:backend}")
        let reference = try await fixture.add(yaml, to: "edge", Self.declare).revision.reference
        let rendering = try await fixture.library.render(reference, for: Self.subject("a"))
        #expect(rendering.secrets == ["backend"])
        let offer = try await fixture.library.offer(rendering.hash)
        let message = try ServerToAgent(decoding: offer)
        let body = String(decoding: message.remoteConfig?.config?.objects[""]?.body ?? [], as: UTF8.self)
        // A `$` in a secret means nothing to the collector.
        let header = try Tree(yaml: body, source: .builtIn)[["exporters", "otlp", "headers", "authorization"]]
        #expect(header?.text == "Bearer " + Self.marker.replacing("$", with: "$$"))
        #expect(try await fixture.library.filesForAgent(rendering.hash).first?.text == body)

        let kept = try await fixture.everything()
        #expect(kept.contains("${secret:backend}"))
        for text in [
            kept, "\(rendering)", "\(try await fixture.library.revision(reference))",
            "\(fixture.library.secretNames())",
            "\(fixture.library.check(RevisionDraft(yaml: yaml)))",
        ] { #expect(!text.contains("marker-s3cr3t")) }
    }

    @Test func `the hash does not depend on the secret, and a new secret is offered within seconds`()
        async throws
    {
        let fixture = try await LibraryFixture()
        let yaml = CheckTests.good.replacing("${env:KEY}", with: "${secret:backend}")
        let reference = try await fixture.add(yaml).revision.reference
        let rendering = try await fixture.library.render(reference, for: Self.subject("a"))
        fixture.secrets.set("backend", "first-secret")
        let first = try await fixture.library.offer(rendering.hash)
        fixture.secrets.set("backend", "second-secret")
        #expect(try await fixture.library.render(reference, for: Self.subject("b")).hash == rendering.hash)
        #expect(fixture.library.cachedOffer(rendering.hash)?.array == first.array)
        fixture.clock.advance(by: ConfigurationLibrary.secretLife)
        #expect(fixture.library.cachedOffer(rendering.hash)?.array == nil)
        #expect(try await fixture.library.offer(rendering.hash).array != first.array)
    }

    @Test func `a secret that is missing fails the offer and says its name`() async throws {
        let fixture = try await LibraryFixture()
        let yaml = CheckTests.good.replacing("${env:KEY}", with: "${secret:backend}")
        let reference = try await fixture.add(yaml).revision.reference
        let rendering = try await fixture.library.render(reference, for: Self.subject("a"))
        let error = await #expect(throws: LibraryError.self) {
            try await fixture.library.offer(rendering.hash)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("'backend'"))
    }

    @Test func `what agents say is freed of secrets they were offered`() async throws {
        let fixture = try await LibraryFixture()
        fixture.secrets.set("backend", Self.marker)
        let yaml = CheckTests.good.replacing("${env:KEY}", with: "${secret:backend}")
        let reference = try await fixture.add(yaml).revision.reference
        let hash = try await fixture.library.render(reference, for: Self.subject("a")).hash
        _ = try await fixture.library.offer(hash)
        let said = fixture.library.scrubbed("cannot connect with '\(Self.marker)': refused")
        #expect(said.hasPrefix("cannot connect with '***("))
        #expect(!said.contains("marker"))
        #expect(fixture.library.scrubbed("nothing in it") == "nothing in it")
    }

    @Test func `what agents repeat of secrets is masked byte by byte, also after a restart`() async throws {
        let fixture = try await LibraryFixture()
        fixture.secrets.set("backend", Self.marker)
        fixture.secrets.set("key", "first line\nsecond \"line\"")
        fixture.secrets.set("short", "abc")
        // A manager that has offered nothing yet.
        var report = AgentToServer(instanceUID: LibraryFixture.uid)
        let body = """
            password: \(Self.marker.replacing("$", with: "$$"))
            again: "\(Self.marker)"
            key: "first line\\nsecond \\"line\\""
            other: abc
            """
        report.effectiveConfig = EffectiveConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array(body.utf8))]))
        report.remoteConfigStatus = RemoteConfigStatus(
            lastHash: [1], status: .failed, errorMessage: "'\(Self.marker)' was refused")
        let masked = fixture.library.masked(report.encoded())
        #expect(masked.count == report.encoded().count)
        let read = try AgentToServer(decoding: masked)
        let shown = String(
            decoding: read.effectiveConfig?.config?.objects[""]?.body ?? [], as: UTF8.self)
        #expect(shown.contains("other: abc") && shown.contains("password: ****"))
        for part in ["marker", "s3cr3t", "first line", "second"] { #expect(!shown.contains(part)) }
        #expect(read.remoteConfigStatus?.errorMessage.hasSuffix("' was refused") == true)
        #expect(read.remoteConfigStatus?.errorMessage.contains("marker") == false)
        #expect(read.instanceUID == LibraryFixture.uid)
    }

    @Test func `a message without a secret stays as it is`() async throws {
        let fixture = try await LibraryFixture()
        fixture.secrets.set("backend", Self.marker)
        let message = AgentToServer(instanceUID: LibraryFixture.uid).encoded()
        #expect(fixture.library.masked(message).array == message.array)
    }

    @Test func `files that are not YAML go as they are, placeholders included`() async throws {
        let fixture = try await LibraryFixture()
        let script = ConfigurationFile(
            name: "notes.txt", contentType: "text/plain", role: "note", body: Array("${var:host}".utf8))
        let reference = try await fixture.add(Self.template, to: "edge") { draft in
            Self.declare(&draft)
            draft.files.append(script)
        }.revision.reference
        let rendering = try await fixture.library.render(reference, for: Self.subject("a"))
        #expect(rendering.files.contains(script))
    }

    @Test func `many agents get what each would get alone, worked out once for all that are alike`()
        async throws
    {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        let subjects = (0..<300).map { number in
            var subject = Self.subject("host-\(number % 7)")
            subject.uid = InstanceUID(high: 5, low: UInt64(number))
            return subject
        }
        let together = try await fixture.library.render(reference, for: subjects)
        #expect(together.count == 300)
        #expect(Set(together.compactMap { try? $0.get() }).count == 7)
        for (subject, hash) in zip(subjects, together).prefix(10) {
            #expect(try await fixture.library.render(reference, for: subject).hash == (try hash.get()))
            #expect(try await fixture.library.rendering(try hash.get()).hash == (try hash.get()))
        }
    }

    @Test func `an agent for which a variable has no value does not keep others from theirs`() async throws {
        let fixture = try await LibraryFixture()
        let reference = try await fixture.add(Self.template, to: "edge", Self.declare).revision.reference
        let nobody = TemplateSubject(uid: LibraryFixture.uid)
        let hashes = try await fixture.library.render(
            reference, for: [nobody, Self.subject("a"), nobody])
        #expect(hashes.map { (try? $0.get()) != nil } == [false, true, false])
        await #expect(throws: LibraryError.self) {
            try await fixture.library.render(RevisionReference("edge", 99), for: [Self.subject("a")])
        }
    }

    @Test func `a preview keeps nothing`() async throws {
        let fixture = try await LibraryFixture()
        var draft = RevisionDraft(yaml: Self.template)
        Self.declare(&draft)
        let rendering = try fixture.library.preview(draft, for: Self.subject("a"))
        #expect(try await fixture.store.content(rendering.hash) == nil)
    }

    private static func joined(_ parts: Bytes...) -> Bytes {
        var builder = BytesBuilder(capacity: parts.reduce(0) { $0 + $1.count })
        for part in parts { builder.append(part) }
        return builder.finish()
    }
}
