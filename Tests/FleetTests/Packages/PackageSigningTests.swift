import FleetModel
import FleetStore
import Logging
import Settings
import Testing

@testable import Fleet

@Suite struct PackageSigningTests {
    // The keys of RFC 8410, section 10.
    private static let privatePEM = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """
    private static let publicPEM = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """
    private static let base64 = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    private static let statement = PackageStatement(
        name: "otelcol", type: "top_level", version: "1.2.3", hash: ContentHash(of: [1]))

    @Test func `keys are read and written as openssl does it`() throws {
        let signer = try #require(PackageSigner(pem: Self.privatePEM))
        #expect(signer.publicKey.pem == Self.publicPEM)
        #expect(signer.publicKey.base64 == Self.base64)
        #expect(signer.pem == Self.privatePEM)
        #expect(PackageKey(Self.publicPEM) == signer.publicKey)
        #expect(PackageKey(" \(Self.base64)\n") == signer.publicKey)
        #expect(signer.publicKey.id.count == 16)
    }

    @Test(arguments: ["", "AAAA", "not base64!", publicPEM.replacing("MCow", with: "MCox"), privatePEM])
    func `what is no public key is refused`(_ text: String) {
        #expect(PackageKey(text) == nil)
    }

    @Test func `what is signed says which package, of which type and version, and which file`() {
        #expect(
            Self.statement.text
                == "apus.package/v1\notelcol\ntop_level\n1.2.3\n\(ContentHash(of: [1]))\n")
    }

    @Test func `a signature holds for nothing but what was signed`() throws {
        let signer = PackageSigner()
        let signature = try #require(signer.sign(Self.statement))
        #expect(signature.count == 64)
        #expect(signer.publicKey.verifies(signature, of: Self.statement))
        let others = [
            ("other", "top_level", "1.2.3", 1), ("otelcol", "addon", "1.2.3", 1),
            ("otelcol", "top_level", "1.2.4", 1), ("otelcol", "top_level", "1.2.3", 2),
        ]
        for (name, type, version, byte) in others {
            let statement = PackageStatement(
                name: name, type: type, version: version, hash: ContentHash(of: [UInt8(byte)]))
            #expect(!signer.publicKey.verifies(signature, of: statement))
        }
        #expect(!PackageSigner().publicKey.verifies(signature, of: Self.statement))
        #expect(!signer.publicKey.verifies(Array(signature.dropLast()), of: Self.statement))
    }

    @Test func `a signature made elsewhere counts when its key is known`() throws {
        let offline = PackageSigner()
        let signature = try #require(offline.sign(Self.statement))
        let trusting = PackageTrust(signer: nil, keys: [offline.publicKey])
        #expect(try trusting.signature(signature, of: Self.statement).key == offline.publicKey)
        #expect(throws: PackageUnsigned.self) { try trusting.signature(nil, of: Self.statement) }
        let stranger = PackageTrust(signer: PackageSigner(), keys: [])
        #expect(throws: PackageUnsigned.self) { try stranger.signature(signature, of: Self.statement) }
        #expect(try stranger.signature(nil, of: Self.statement).key == stranger.own)
    }

    @Test func `the key of a manager stays, and only its owner can read it`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let store = try await FleetStore.open(
                .memory, replica: "a", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let first = try await PackageTrust.open(PackageTrust.Settings(), in: directory, store)
            let again = try await PackageTrust.open(PackageTrust.Settings(), in: directory, store)
            #expect(first.own != nil)
            #expect(first.own == again.own)
            #expect(try mode(PackageTrust.file(in: directory)) == 0o600)
            var offline = PackageTrust.Settings()
            offline.signs = false
            offline.keys = [PackageSigner().publicKey]
            let without = try await PackageTrust.open(offline, in: directory, store)
            #expect(without.own == nil)
            #expect(without.keys == offline.keys)
        }
    }

    @Test func `all managers on a store take each other's tickets, whoever signs`() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let hash = ContentHash(of: [1])
        let store = try await FleetStore.open(.memory, replica: "a", logger: logger)
        let ticket = try await PackageTickets.open(store).ticket(hash, on: 10)
        #expect(try await PackageTickets.open(store).ticket(hash, on: 10) == ticket)
        let another = try await FleetStore.open(.memory, replica: "a", logger: logger)
        #expect(try await PackageTickets.open(another).ticket(hash, on: 10) != ticket)
        try await another.write([
            .put(.setting, "packages-tickets", .table(["secret": .text("AA==")]), expecting: .any)
        ])
        await #expect(throws: AccessError.self) { try await PackageTickets.open(another) }
    }

    @Test func `a ticket opens one file, for that day and the next`() {
        let tickets = PackageTickets(secret: [1])
        let (one, other) = (ContentHash(of: [1]), ContentHash(of: [2]))
        let day: UInt64 = 86_400 * 1_000_000_000
        let ticket = tickets.ticket(one, on: 10)
        #expect(PackageLibrary.isTicket(ticket))
        #expect(tickets.admits(ticket, to: one, at: 10 * day))
        #expect(tickets.admits(ticket, to: one, at: 12 * day - 1))
        #expect(!tickets.admits(ticket, to: one, at: 12 * day))
        #expect(!tickets.admits(ticket, to: one, at: 9 * day))
        #expect(!tickets.admits(ticket, to: other, at: 10 * day))
        #expect(!tickets.admits("apusp_", to: one, at: 10 * day))
        #expect(!PackageTickets(secret: [2]).admits(ticket, to: one, at: 10 * day))
    }
}
