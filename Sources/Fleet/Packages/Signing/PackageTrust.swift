internal import Crypto
internal import FleetModel
internal import FleetStore
internal import Settings

/// Which signatures of packages count, and who makes those that are missing.
public struct PackageTrust: Sendable {
    /// What a manager has to be told.
    public struct Settings: Sendable {
        /// Keys whose signatures are taken, beside the manager's own; the private halves are elsewhere.
        public var keys: [PackageKey] = []
        /// Whether the manager signs what comes without a signature; otherwise it has no key of its own.
        public var signs = true

        public init() {}
    }

    private static let agreement = "packages-key"

    /// The manager's own key; `nil` when it does not sign.
    let signer: PackageSigner?
    /// All keys whose signatures are taken, the manager's own first.
    public let keys: [PackageKey]

    init(signer: PackageSigner?, keys: [PackageKey]) {
        self.signer = signer
        let own = signer.map { [$0.publicKey] } ?? []
        self.keys = own + keys.filter { !own.contains($0) }
    }

    /// The public half of the manager's own key.
    public var own: PackageKey? { signer?.publicKey }

    /// The file of the manager's key in a state directory.
    public static func file(in directory: String) -> String { "\(directory)/packages.key" }

    /// Reads the key of a state directory, or makes one, unless others sign.
    ///
    /// A manager that shares its store and has no key where another has one signs nothing, and takes what is
    /// signed with that.
    ///
    /// - Throws: `.file` when it cannot be read or written, is no key of Ed25519, or is not that of the other
    ///   managers on the same store.
    static func open(
        _ settings: Settings, in directory: String, _ store: FleetStore
    ) async throws(AccessError) -> PackageTrust {
        guard settings.signs else { return PackageTrust(signer: nil, keys: settings.keys) }
        let path = file(in: directory)
        let agreed = try await known(store)
        let signer: PackageSigner
        if let text = try PrivateFile.read(path) {
            guard let known = PackageSigner(pem: text) else {
                throw .file("\(path) is not a private key of Ed25519 in PEM")
            }
            signer = known
        } else if store.isShared, let agreed {
            return PackageTrust(signer: nil, keys: [agreed] + settings.keys)
        } else {
            signer = PackageSigner()
            try PrivateFile.write(signer.pem, to: path)
        }
        let noted = try await note(signer.publicKey, over: agreed, store)
        guard noted == signer.publicKey || !store.isShared else {
            throw .file(
                "the managers that share a store sign packages with the same key: copy \(path) from the "
                    + "manager that began first, or take it away")
        }
        return PackageTrust(signer: signer, keys: settings.keys)
    }

    /// The key of the manager that began first.
    private static func known(_ store: FleetStore) async throws(AccessError) -> PackageKey? {
        do throws(StoreError) {
            return try await store.document(.setting, agreement)?.body["key"]?.text.flatMap { PackageKey($0) }
        } catch {
            throw .store(error)
        }
    }

    /// Notes the key of the first manager, by which agents check whichever they are connected to.
    private static func note(
        _ key: PackageKey, over agreed: PackageKey?, _ store: FleetStore
    ) async throws(AccessError) -> PackageKey? {
        if let agreed { return agreed }
        do throws(StoreError) {
            try await store.write([
                .put(.setting, agreement, .table(["key": .text(key.base64)]), expecting: .absent)
            ])
        } catch {
            guard case .conflict = error else { throw .store(error) }
            // Another manager began at the same time; what it noted counts.
        }
        return try await known(store)
    }

    /// The signature of a package: the one that was given, if it is of a key that counts, or the manager's.
    ///
    /// - Throws: In words, why there is none.
    func signature(
        _ given: [UInt8]?, of statement: PackageStatement
    ) throws(PackageUnsigned) -> (bytes: [UInt8], key: PackageKey) {
        guard let given else {
            guard let signer else {
                throw PackageUnsigned(
                    "has no signature, and this manager has no key (packages.key): sign it elsewhere")
            }
            guard let signature = signer.sign(statement) else {
                throw PackageUnsigned("cannot be signed now")
            }
            return (signature, signer.publicKey)
        }
        guard let key = keys.first(where: { $0.verifies(given, of: statement) }) else {
            throw PackageUnsigned("has a signature that is not of any key that this manager knows")
        }
        return (given, key)
    }
}

/// Why a package has no signature.
struct PackageUnsigned: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
