import FleetModel
import FleetStore
import Settings
import Testing

@testable import Fleet

@Suite struct GroupTests {
    private static func group(_ name: String = "prod", _ selector: String = "env=prod") throws -> FleetGroup {
        FleetGroup(name: name, selector: try Selector(parsing: selector))
    }

    @Test func `groups change only over the version that was seen`() async throws {
        let fixture = try await LibraryFixture()
        let groups = fixture.groups
        let version = try await groups.put(try Self.group(), over: 0)
        #expect(groups.group("prod")?.version == version)
        for wrong in [0, version + 1] {
            await #expect(throws: LibraryError.self) {
                try await groups.put(try Self.group("prod", "env=test"), over: wrong)
            }
        }
        let next = try await groups.put(try Self.group("prod", "env=test"), over: version)
        #expect(next > version)
        await #expect(throws: LibraryError.self) { try await groups.delete("prod", version: version) }
        try await groups.delete("prod", version: next)
        await #expect(throws: LibraryError.self) { try await groups.delete("prod", version: nil) }
        #expect(groups.list().isEmpty)
    }

    @Test func `an agent is in the groups that choose its labels`() async throws {
        let fixture = try await LibraryFixture()
        try await fixture.groups.put(try Self.group("prod", "env=prod"), over: 0)
        try await fixture.groups.put(try Self.group("all", ""), over: 0)
        try await fixture.groups.put(try Self.group("test", "env in (test)"), over: 0)
        #expect(fixture.groups.containing(["env": "prod"]).map(\.name) == ["all", "prod"])
    }

    @Test func `groups come back from the store as they were`() async throws {
        let fixture = try await LibraryFixture()
        var group = try Self.group("prod", "env=prod, !legacy")
        group.description = "production"
        group.priority = -3
        group.values = ["port": .number(4317), "list": .list([.text("a")]), "text": .text("0123")]
        group.source = "git"
        try await fixture.groups.put(group, over: 0)
        let other = try await LibraryFixture(fixture.store)
        #expect(other.groups.group("prod")?.group == group)
    }

    @Test(arguments: ["", "a b", "a/b", "-a", String(repeating: "a", count: 129)])
    func `a name that cannot be one is refused`(name: String) async throws {
        let fixture = try await LibraryFixture()
        await #expect(throws: LibraryError.self) {
            try await fixture.groups.put(try Self.group(name), over: 0)
        }
    }

    @Test(arguments: [
        ("port", Tree.table(["a": .number(1)])), ("port", .null), ("a b", .number(1)),
        ("port", .list([.empty])), ("port", .text(String(repeating: "x", count: FleetValue.largest))),
    ])
    func `a value that no variable could be is refused, for groups and for the fleet`(
        name: String, value: Tree
    ) async throws {
        let fixture = try await LibraryFixture()
        var group = try Self.group()
        group.values = [name: value]
        await #expect(throws: LibraryError.self) { try await fixture.groups.put(group, over: 0) }
        await #expect(throws: LibraryError.self) {
            try await fixture.values.put(FleetValue(name: name, value: value), over: 0)
        }
    }

    @Test func `values of the fleet are kept with their versions`() async throws {
        let fixture = try await LibraryFixture()
        let version = try await fixture.values.put(FleetValue(name: "a", value: .bool(true)), over: 0)
        await #expect(throws: LibraryError.self) {
            try await fixture.values.put(FleetValue(name: "a", value: .bool(false)), over: 0)
        }
        let other = try await LibraryFixture(fixture.store)
        #expect(other.values.value("a")?.value.value == .bool(true))
        #expect(other.values.value("a")?.version == version)
        try await fixture.values.delete("a", version: version)
        #expect(fixture.values.list().isEmpty)
    }
}
