internal import Crypto
internal import FleetModel
internal import FleetStore
internal import Settings

/// Opens the way to one file of a package for a day or two: agents get it with the offer, so that those can
/// download that send nothing but the fields that the offer names.
///
/// It says nothing of who has it, and opens nothing else.
struct PackageTickets: Sendable {
    /// How its text begins, so that scanners for leaked secrets know it.
    static let prefix = "apusp_"
    private static let document = "packages-tickets"
    private static let day: UInt64 = 86_400 * 1_000_000_000

    private let key: SymmetricKey

    /// Tickets that only who knows the secret can make.
    init(secret: [UInt8]) { key = SymmetricKey(data: secret) }

    /// Tickets with the secret that the store keeps, which all managers on it share and which does not depend
    /// on who signs; the first of them makes it.
    static func open(_ store: FleetStore) async throws(AccessError) -> PackageTickets {
        if let known = try await known(store) { return PackageTickets(secret: known) }
        let new = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        do throws(StoreError) {
            try await store.write([
                .put(
                    .setting, document, .table(["secret": .text(Base64.encode(new))]), expecting: .absent)
            ])
        } catch {
            guard case .conflict = error else { throw .store(error) }
            // Another manager began at the same time; its secret counts.
        }
        guard let noted = try await known(store) else {
            throw .store(.damaged("the secret of tickets for packages is gone"))
        }
        return PackageTickets(secret: noted)
    }

    private static func known(_ store: FleetStore) async throws(AccessError) -> [UInt8]? {
        do throws(StoreError) {
            guard let body = try await store.document(.setting, document)?.body else { return nil }
            guard let secret = body["secret"]?.text.flatMap({ Base64.decode($0) }), secret.count == 32 else {
                throw .damaged("the secret of tickets for packages cannot be read")
            }
            return secret
        } catch {
            throw .store(error)
        }
    }

    /// The number of the day that a time is on.
    static func day(_ time: UInt64) -> UInt64 { time / day }

    /// The ticket for a file, on a day.
    func ticket(_ hash: ContentHash, on day: UInt64) -> String {
        Self.prefix + Base64.encodeForURL(code(hash, day))
    }

    /// Whether a text is a ticket for a file: that of today or of yesterday.
    func admits(_ text: some StringProtocol, to hash: ContentHash, at time: UInt64) -> Bool {
        let today = Self.day(time)
        return [today, max(today, 1) - 1].contains {
            // Compared by their hashes, in a time that does not depend on how much is right.
            SecureToken.matches(text, SecureToken.hash(ticket(hash, on: $0)))
        }
    }

    private func code(_ hash: ContentHash, _ day: UInt64) -> [UInt8] {
        let text = Array("\(day) \(hash)".utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: text, using: key))
    }
}
