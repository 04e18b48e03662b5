import FleetModel
import FleetStore
import OpAMP
import Settings
import Testing

@testable import Fleet

@Suite struct LibraryTests {
    private static func endpoint(_ number: Int) -> String {
        CheckTests.good.replacing("example.com", with: "e\(number).example.com")
    }

    @Test func `revisions are numbered from one and come back as they were`() async throws {
        let fixture = try await LibraryFixture()
        let first = try await fixture.add(Self.endpoint(1))
        let second = try await fixture.add(Self.endpoint(2))
        #expect(first.isNew && second.isNew)
        #expect(first.revision.reference == RevisionReference("edge", 1))
        #expect(second.revision.reference == RevisionReference("edge", 2))
        // Another manager reads the same from the store.
        let other = try await LibraryFixture(fixture.store)
        let read = try await other.library.revision(RevisionReference("edge", 1))
        #expect(read == first.revision)
        #expect(read.files.first?.text == Self.endpoint(1))
        #expect(read.author == "token:ann" && read.owner == "ann" && read.message == "why")
        #expect(try await other.library.latest(of: "edge").reference.number == 2)
        #expect(try await other.library.revisions(of: "edge").map(\.reference.number) == [1, 2])
        #expect(try await other.library.revisions(of: "edge", after: 1).map(\.reference.number) == [2])
        #expect(try await other.library.configuration("edge").latest == 2)
    }

    @Test func `identical content is the same revision, also when others came after it`() async throws {
        let fixture = try await LibraryFixture()
        for number in [1, 2] { try await fixture.add(Self.endpoint(number)) }
        let again = try await fixture.add(Self.endpoint(1))
        #expect(!again.isNew)
        #expect(again.revision.reference.number == 1)
        #expect(try await fixture.library.configuration("edge").latest == 2)
        // A variable more is another content.
        let different = try await fixture.add(Self.endpoint(1)) { $0.silenced = ["no-batch"] }
        #expect(different.revision.reference.number == 3)
    }

    @Test func `the hash of a revision does not depend on the order of its files`() {
        let files = ["a", "b"].map { ConfigurationFile(name: $0, body: Array($0.utf8)) }
        #expect(RevisionDraft(files: files).hash == RevisionDraft(files: files.reversed()).hash)
        var other = files
        other[0].contentType = "text/plain"
        #expect(RevisionDraft(files: files).hash != RevisionDraft(files: other).hash)
    }

    @Test func `two who add at once get two numbers`() async throws {
        let fixture = try await LibraryFixture()
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...6 {
                group.addTask {
                    try await fixture.add(Self.endpoint(number)).revision.reference.number
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(numbers == Set(1...6))
    }

    @Test func `an author who has not seen the newest revision is told`() async throws {
        let fixture = try await LibraryFixture()
        try await fixture.add(Self.endpoint(1))
        let error = await #expect(throws: LibraryError.self) {
            try await fixture.library.add(
                RevisionDraft(yaml: Self.endpoint(2)), to: "edge", message: "", by: LibraryFixture.author,
                expectingLatest: 0)
        }
        guard case .conflict? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await fixture.library.configuration("edge").latest == 1)
    }

    @Test(arguments: [("edge", "a: ["), ("a/b", CheckTests.good), ("", CheckTests.good), ("edge", "x: 1")])
    func `what has errors is refused and nothing is kept`(name: String, yaml: String) async throws {
        let fixture = try await LibraryFixture()
        let error = await #expect(throws: LibraryError.self) { try await fixture.add(yaml, to: name) }
        guard case .invalid(let findings)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(findings.hasErrors)
        #expect(try await fixture.everything().isEmpty)
    }

    @Test func `a configuration that agents run is not deleted; another goes with all its revisions`()
        async throws
    {
        let fixture = try await LibraryFixture()
        for number in 1...3 { try await fixture.add(Self.endpoint(number)) }
        // A name that begins alike is another configuration.
        try await fixture.add(Self.endpoint(1), to: "edge-2")
        fixture.inUse.insert("edge-2")
        await #expect(throws: LibraryError.self) { try await fixture.library.delete("edge-2") }
        try await fixture.library.delete("edge")
        #expect(try await fixture.library.configurations().map(\.name) == ["edge-2"])
        await #expect(throws: LibraryError.self) {
            try await fixture.library.revision(RevisionReference("edge", 1))
        }
        #expect(try await fixture.library.revision(RevisionReference("edge-2", 1)).files.count == 1)
        // The name is free again, and no number ever means something else.
        #expect(try await fixture.add(Self.endpoint(1)).revision.reference.number == 4)
        #expect(try await fixture.library.configuration("edge").latest == 4)
    }

    @Test func `lists begin where they are told to`() async throws {
        let fixture = try await LibraryFixture()
        for name in ["a", "b", "c"] { try await fixture.add(Self.endpoint(1), to: name) }
        #expect(try await fixture.library.configurations(after: "a", limit: 1).map(\.name) == ["b"])
        #expect(try await fixture.library.configurations(prefix: "c").map(\.name) == ["c"])
    }

    @Test func `a description changes only over the version that was seen`() async throws {
        let fixture = try await LibraryFixture()
        try await fixture.add(Self.endpoint(1))
        let seen = try await fixture.library.configuration("edge")
        try await fixture.library.setDescription("for edges", of: "edge", version: seen.version)
        #expect(try await fixture.library.configuration("edge").description == "for edges")
        await #expect(throws: LibraryError.self) {
            try await fixture.library.setDescription("late", of: "edge", version: seen.version)
        }
    }

    @Test func `what is not there is said by name`() async throws {
        let fixture = try await LibraryFixture()
        let error = await #expect(throws: LibraryError.self) {
            try await fixture.library.revision(RevisionReference("edge", 9))
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("edge@9"))
    }
}

@Suite struct CanonicalFilesTests {
    @Test func `files come back from their bytes`() {
        let files = [
            ConfigurationFile(name: "", body: [1, 2, 3]),
            ConfigurationFile(name: "b", contentType: "", role: "ca", body: []),
            ConfigurationFile(name: "c", contentType: "text/plain", body: [0xFF]),
        ]
        let bytes = CanonicalFiles.encode(files.reversed())
        #expect(CanonicalFiles.decode(bytes) == files)
        for count in 0..<bytes.count {
            let part = CanonicalFiles.decode(Array(bytes.prefix(count)))
            #expect(part != files)
        }
    }

    @Test func `what is no set of files is told`() {
        #expect(CanonicalFiles.decode([UInt8](repeating: 0xFF, count: 24)) == nil)
        #expect(CanonicalFiles.decode([1]) == nil)
    }
}

@Suite struct GenerationCacheTests {
    @Test func `what is used stays, and the bound holds`() {
        var cache = GenerationCache<Int, Int>(limit: 100)
        for number in 0..<1000 {
            cache.put(number, number, cost: 1)
            #expect(cache.value(0) == 0)
            #expect(cache.count <= 101)
        }
        #expect(cache.value(1) == nil)
        #expect(cache.value(999) == 999)
    }

    @Test func `what is too large alone is not kept, and what is removed is gone`() {
        var cache = GenerationCache<Int, Int>(limit: 10)
        cache.put(1, 1, cost: 6)
        #expect(cache.value(1) == nil)
        cache.put(2, 2, cost: 5)
        cache.remove(2)
        #expect(cache.value(2) == nil)
    }
}
