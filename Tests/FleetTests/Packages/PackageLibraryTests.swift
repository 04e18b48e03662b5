import FleetModel
import FleetStore
import Logging
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Testing
import Wire

@testable import Fleet

@Suite struct PackageLibraryTests {
    private static let user = FleetUser(name: "token:ann", owner: "ann", token: "1", roles: [.editor])
    private static let amd64 = ["os.type": "linux", "host.arch": "amd64"]
    private static let arm64 = ["os.type": "linux", "host.arch": "arm64"]

    private static func library(
        _ directory: String = "/nonexistent", clock: ManualClock = ManualClock(),
        downloadURL: String? = "https://fleet.example:4320", inUse: Mutexed<Set<String>> = Mutexed([])
    ) async throws -> PackageLibrary {
        let store = try await FleetStore.open(
            .memory, replica: "a", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { clock.unixNanoseconds })
        return PackageLibrary(
            store: store, trust: PackageTrust(signer: PackageSigner(), keys: []),
            tickets: PackageTickets(secret: [1]),
            directory: directory,
            downloadURL: downloadURL, clock: clock,
            isInUse: { isWanted in
                inUse.withLock { $0 }.contains { RevisionReference(parsing: $0).map(isWanted) ?? false }
            })
    }

    private static func draft(
        _ version: String = "1.0", match: String = "", url: String? = "https://a.example/x.tar.gz",
        hash: ContentHash = ContentHash(of: [1]), signature: [UInt8]? = nil
    ) throws -> PackageDraft {
        PackageDraft(
            name: "agent", kind: .topLevel, version: version,
            artefacts: [
                .init(match: try Selector(parsing: match), url: url, hash: hash, signature: signature)
            ])
    }

    @Test func `versions follow each other and never change, and the same is not made twice`() async throws {
        let library = try await Self.library()
        let first = try await library.add([Self.draft("1.0")], to: "edge", message: "a", by: Self.user)
        #expect(first.isNew)
        #expect(first.set.reference == RevisionReference("packages/edge", 1))
        #expect(first.set.reference.packageSet == "edge")
        #expect(RevisionReference("edge", 1).packageSet == nil)
        let again = try await library.add([Self.draft("1.0")], to: "edge", message: "b", by: Self.user)
        #expect(!again.isNew)
        #expect(again.set == first.set)
        let second = try await library.add(
            [Self.draft("1.1")], to: "edge", message: "", by: Self.user, expectingLatest: 1)
        #expect(second.set.number == 2)
        await #expect(throws: LibraryError.self) {
            try await library.add(
                [Self.draft("1.2")], to: "edge", message: "", by: Self.user, expectingLatest: 1)
        }
        #expect(try await library.set("edge", 1) == first.set)
        #expect(try await library.versions(of: "edge", after: 0, limit: 9) == [first.set, second.set])
        let summary = try await library.summary("edge")
        #expect((summary.latest, summary.packages) == (2, ["agent 1.1"]))
        #expect(try await library.sets(after: nil, limit: 9) == [summary])
    }

    @Test func `a deleted set leaves its numbers behind, and one in use stays`() async throws {
        let inUse = Mutexed<Set<String>>(["packages/edge@1"])
        let library = try await Self.library(inUse: inUse)
        _ = try await library.add([Self.draft("1.0")], to: "edge", message: "", by: Self.user)
        let version = try await library.summary("edge").version
        await #expect(throws: LibraryError.self) { try await library.delete("edge", version: version) }
        inUse.withLock { $0 = [] }
        await #expect(throws: LibraryError.self) { try await library.delete("edge", version: version + 1) }
        try await library.delete("edge", version: version)
        await #expect(throws: LibraryError.self) { try await library.set("edge", 1) }
        let next = try await library.add([Self.draft("2.0")], to: "edge", message: "", by: Self.user)
        #expect(next.set.number == 2)
    }

    @Test(arguments: [
        "http://a.example/x", "ftp://a.example/x", "https://", "https://user@a.example/x",
        "file:///etc/passwd",
    ])
    func `a file is downloaded over TLS`(_ url: String) async throws {
        let library = try await Self.library()
        await #expect(throws: LibraryError.self) {
            try await library.add([Self.draft(url: url)], to: "edge", message: "", by: Self.user)
        }
    }

    @Test func `on this machine a file may come without TLS`() async throws {
        let library = try await Self.library()
        let local = try Self.draft(url: "http://127.0.0.1:8080/x")
        #expect(try await library.add([local], to: "edge", message: "", by: Self.user).isNew)
    }

    @Test func `every mistake is named at its place`() async throws {
        let library = try await Self.library()
        var bad = try Self.draft("", url: "http://a.example/x", signature: [UInt8](repeating: 1, count: 64))
        bad.name = "a\nb"
        let twice = PackageDraft(name: "a\nb", kind: .addon, version: "1", artefacts: [])
        do throws(LibraryError) {
            _ = try await library.check([bad, twice], name: "no/name")
            Issue.record("it was taken")
        } catch {
            guard case .invalid(let findings) = error else { throw error }
            #expect(
                Set(findings.map { $0.diagnostic.path.joined(separator: "/") }) == [
                    "name", "packages/0/name", "packages/0/version", "packages/0/artefacts/0/url",
                    "packages/0/artefacts/0/signature", "packages/1/name", "packages/1/artefacts",
                ])
        }
    }

    @Test func `an agent gets the file for its platform, signed, and nothing when there is none`()
        async throws
    {
        let library = try await Self.library()
        var draft = try Self.draft("1.0", match: "os.type=linux,host.arch=amd64")
        let arm = try Self.draft(
            match: "host.arch=arm64", url: "https://a.example/arm", hash: ContentHash(of: [2]))
        draft.artefacts += arm.artefacts
        let set = try await library.add([draft], to: "edge", message: "", by: Self.user).set
        let hash = try await library.render(set.reference, for: Self.amd64)
        #expect(try await library.render(set.reference, for: Self.amd64) == hash)
        #expect(try await library.render(set.reference, for: Self.arm64) != hash)
        await #expect(throws: LibraryError.self) {
            try await library.render(set.reference, for: ["os.type": "windows"])
        }
        #expect(library.cachedPackages(hash) == nil)
        let offer = try await library.packages(hash)
        #expect(library.cachedPackages(hash)?.fragment.array == offer.fragment.array)
        let available = try #require(try ServerToAgent(decoding: offer.fragment).packagesAvailable)
        #expect(available.allPackagesHash == hash.bytes)
        let package = try #require(available.packages["agent"])
        #expect((package.kind, package.version) == (.topLevel, "1.0"))
        #expect(offer.packages == ["agent": OfferedPackage(version: "1.0", hash: package.hash)])
        let file = try #require(package.file)
        #expect(file.downloadURL == "https://a.example/x.tar.gz")
        #expect(file.contentHash == ContentHash(of: [1]).bytes)
        #expect(file.headers == nil)
        let statement = PackageStatement(
            name: "agent", type: "top_level", version: "1.0", hash: ContentHash(of: [1]))
        #expect(try #require(library.trust.own).verifies(file.signature, of: statement))
    }

    @Test func `what is assigned late is in the store although nobody needed it meanwhile`() async throws {
        let clock = ManualClock()
        let library = try await Self.library(clock: clock)
        let set = try await library.add([Self.draft()], to: "edge", message: "", by: Self.user).set
        let hash = try await library.render(set.reference, for: [:])
        clock.advance(by: .seconds(7200))
        try await library.store.dropUnusedContents()
        #expect(try await library.store.content(hash) == nil)
        #expect(try await library.render(set.reference, for: [:]) == hash)
        #expect(try await library.store.content(hash) != nil)
        // Also what is about to be dropped when it is wanted.
        clock.advance(by: FleetStore.contentPatience - .seconds(1))
        _ = try await library.render(set.reference, for: [:])
        clock.advance(by: .seconds(2))
        try await library.store.dropUnusedContents()
        #expect(try await library.store.content(hash) != nil)
    }

    @Test func `a large set costs what it takes in memory`() async throws {
        let library = try await Self.library()
        let url = "https://a.example/" + String(repeating: "x", count: 2000)
        var draft = try Self.draft(url: url)
        draft.artefacts = Array(repeating: draft.artefacts[0], count: FleetPackage.mostArtefacts)
        let set = try await library.add([draft], to: "edge", message: "why", by: Self.user).set
        #expect(set.cost > FleetPackage.mostArtefacts * url.utf8.count)
        #expect(set.cost < 2 * FleetPackage.mostArtefacts * url.utf8.count)
    }

    @Test func `the hash of a package names everything of it`() async throws {
        let library = try await Self.library()
        var hashes: Set<[UInt8]> = []
        var all: Set<ContentHash> = []
        for (index, draft) in try [
            Self.draft("1.0"), Self.draft("1.1"), Self.draft("1.0", url: "https://b.example/x"),
            Self.draft("1.0", hash: ContentHash(of: [9])),
        ].enumerated() {
            let set = try await library.add([draft], to: "s\(index)", message: "", by: Self.user).set
            let hash = try await library.render(set.reference, for: [:])
            all.insert(hash)
            hashes.insert(try #require(try await library.packages(hash).packages["agent"]?.hash))
        }
        #expect(hashes.count == 4)
        #expect(all.count == 4)
    }

    @Test func `a file of the manager is offered with its address and a ticket of the day`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let clock = ManualClock()
            let library = try await Self.library(directory, clock: clock)
            let content = Array("package".utf8)
            let hash = ContentHash(of: content)
            let draft = try Self.draft(url: nil, hash: hash)
            await #expect(throws: LibraryError.self) {
                try await library.add([draft], to: "edge", message: "", by: Self.user)
            }
            _ = try await library.files.take(content, at: 0, of: content.count, hash)
            let set = try await library.add([draft], to: "edge", message: "", by: Self.user).set
            let all = try await library.render(set.reference, for: [:])
            let offer = try await library.packages(all)
            let file = try #require(
                try ServerToAgent(decoding: offer.fragment).packagesAvailable?.packages["agent"]?.file)
            #expect(file.downloadURL == "https://fleet.example:4320/v1/packages/\(hash)")
            let header = try #require(file.headers?.first)
            #expect(header.key == "Authorization")
            let ticket = try #require(header.value.split(separator: " ").last)
            #expect(library.admits(ticket: ticket, to: hash))
            await #expect(throws: LibraryError.self) { try await library.deleteFile(hash) }
            // The ticket of yesterday opens the door still, but new offers have that of today.
            clock.advance(by: .seconds(86_400))
            #expect(library.admits(ticket: ticket, to: hash))
            #expect(library.cachedPackages(all) == nil)
            #expect(try await library.packages(all).fragment.array != offer.fragment.array)
            clock.advance(by: .seconds(86_400))
            #expect(!library.admits(ticket: ticket, to: hash))
        }
    }

    @Test func `the address of the manager is part of no hash`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let content = Array("package".utf8)
            let hash = ContentHash(of: content)
            let signer = PackageSigner()
            let statement = PackageStatement(name: "agent", type: "top_level", version: "1.0", hash: hash)
            let draft = try Self.draft(
                url: nil, hash: hash, signature: signer.sign(statement))
            var hashes: Set<ContentHash> = []
            for url in ["https://a.example", "https://b.example"] {
                let store = try await FleetStore.open(.memory, replica: "a", logger: Logger(label: "test"))
                let library = PackageLibrary(
                    store: store, trust: PackageTrust(signer: signer, keys: []),
                    tickets: PackageTickets(secret: [1]),
                    directory: directory,
                    downloadURL: url, clock: ManualClock())
                _ = try await library.files.take(content, at: 0, of: content.count, hash)
                let set = try await library.add([draft], to: "edge", message: "", by: Self.user).set
                hashes.insert(try await library.render(set.reference, for: [:]))
            }
            #expect(hashes.count == 1)
        }
    }
}
