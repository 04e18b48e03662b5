public import FleetModel
internal import FleetStore
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization

/// The sets of packages that agents may be given: named, in versions that never change, signed.
///
/// Nothing here assigns anything to an agent; rollouts do, with `packages/NAME@NUMBER` as their target. Bytes
/// are where a URL says, or in `files`, which agents download from where they connect.
public final class PackageLibrary: Sendable {
    /// The most sets there may be.
    public static let mostSets = 1000
    /// The most versions of one set.
    public static let mostNumbers = 10_000
    /// How the path begins under which agents download the files that the manager has; the SHA-256 follows.
    public static let downloadPath = "/v1/packages/"

    /// Sets and offers that are remembered, in bytes each.
    private static let cacheBytes = 32 << 20
    /// Versions of sets that are read at once; each may have several megabytes.
    private static let setsPerPage = 20

    /// Which offer a version becomes for agents that get these of its files.
    struct RenderingKey: Hashable, Sendable {
        let reference: RevisionReference
        let choice: [Int]
    }

    /// An offer, and the day that its tickets are of.
    struct Offer: Sendable {
        let offer: PackageOffer
        /// `nil` when it has no tickets.
        let day: UInt64?
    }

    struct Caches: Sendable {
        // In bytes, about.
        var sets = GenerationCache<RevisionReference, PackageSet>(limit: PackageLibrary.cacheBytes)
        var renderings = GenerationCache<RenderingKey, KeptHash>(limit: PackageLibrary.cacheBytes / 4)
        var offers = GenerationCache<ContentHash, Offer>(limit: PackageLibrary.cacheBytes)
    }

    let store: FleetStore
    let clock: any PipelineClock
    /// Whose signatures count.
    public let trust: PackageTrust
    /// The files that the manager has itself.
    public let files: PackageFiles
    let tickets: PackageTickets
    let caches = Mutex(Caches())
    private let base: Mutex<String?>
    private let isInUse: @Sendable (@Sendable (RevisionReference) -> Bool) -> Bool

    /// - Parameters:
    ///   - store: Where sets are kept.
    ///   - trust: Whose signatures count.
    ///   - tickets: Open the way to files.
    ///   - directory: Where files are kept.
    ///   - manager: The name of this manager among those that may share the directory.
    ///   - downloadURL: Where agents reach the manager, such as `https://fleet.example:4320`; `nil` when that
    ///     is not known yet.
    ///   - clock: The time.
    ///   - isInUse: Whether any agent ought to have a version.
    init(
        store: FleetStore, trust: PackageTrust, tickets: PackageTickets, directory: String,
        manager: String = "", downloadURL: String? = nil, clock: any PipelineClock,
        isInUse: @escaping @Sendable (@Sendable (RevisionReference) -> Bool) -> Bool = { _ in false }
    ) {
        self.store = store
        self.trust = trust
        self.clock = clock
        self.isInUse = isInUse
        files = PackageFiles(directory, manager: manager)
        self.tickets = tickets
        base = Mutex(downloadURL)
    }

    /// Where agents reach the manager to download files; `nil` when it is not known, and files that the
    /// manager has can be offered to nobody.
    public var downloadURL: String? { base.withLock { $0 } }

    /// Says where agents reach the manager, unless that was said before.
    public func setDownloadURL(_ url: String) { base.withLock { $0 = $0 ?? url } }

    /// Whether a text is a ticket that an offer has handed out for a file.
    public func admits(ticket: some StringProtocol, to hash: ContentHash) -> Bool {
        tickets.admits(ticket, to: hash, at: clock.unixNanoseconds)
    }

    /// Whether the text of a credential claims to be a ticket.
    public static func isTicket(_ text: some StringProtocol) -> Bool { text.hasPrefix(PackageTickets.prefix) }

    // MARK: - Looking

    /// Sets in the order of their names, their newest versions in short: `limit` of them at most, after the
    /// one called `name`.
    public func sets(after name: String?, limit: Int) async throws(LibraryError) -> [PackageSetSummary] {
        try await reading { () async throws(StoreError) in
            try await store.documents(
                .packageSet, prefix: "h/", after: name.map { PackageSetSummary.id($0) }, limit: limit)
        }.compactMap { PackageSetSummary($0) }
    }

    /// One set in short.
    public func summary(_ name: String) async throws(LibraryError) -> PackageSetSummary {
        let document = try await reading { () async throws(StoreError) in
            try await store.document(.packageSet, PackageSetSummary.id(name))
        }
        guard let found = document.flatMap({ PackageSetSummary($0) }) else {
            throw .notFound("set of packages '\(name)'")
        }
        return found
    }

    /// Versions of a set, in the order of their numbers.
    public func versions(
        of name: String, after number: Int, limit: Int
    ) async throws(LibraryError) -> [PackageSet] {
        try await reading { () async throws(StoreError) in
            try await store.documents(
                .packageSet, prefix: "v/\(name)/", after: "v/" + PackageSet.id(name, number), limit: limit)
        }.compactMap { PackageSet($0.body) }
    }

    /// One version of a set.
    public func set(_ name: String, _ number: Int) async throws(LibraryError) -> PackageSet {
        let reference = RevisionReference(PackageSet.prefix + name, number)
        if let known = caches.withLock({ $0.sets.value(reference) }) { return known }
        let document = try await reading { () async throws(StoreError) in
            try await store.document(.packageSet, "v/" + PackageSet.id(name, number))
        }
        guard let document else { throw .notFound("set of packages \(name)@\(number)") }
        guard let set = PackageSet(document.body) else {
            throw .store(.damaged("the set of packages \(name)@\(number) cannot be read"))
        }
        caches.withLock { $0.sets.put(reference, set, cost: set.cost) }
        return set
    }

    /// Deletes a set with all its versions.
    ///
    /// - Throws: `.inUse` while agents ought to have it, `.conflict` for another version of the document.
    public func delete(_ name: String, version: Int64) async throws(LibraryError) {
        let summary = try await summary(name)
        guard summary.version == version else { throw .conflict("the set '\(name)'") }
        guard !isInUse({ $0.packageSet == name }) else {
            throw .inUse("agents ought to have the packages of '\(name)'; roll out others first")
        }
        do throws(StoreError) {
            // The versions go first: what is left of a set that is half gone can be deleted again.
            while true {
                let page = try await store.documents(
                    .packageSet, prefix: "v/\(name)/", limit: Self.setsPerPage)
                guard !page.isEmpty else { break }
                try await store.write(page.map { .delete(.packageSet, $0.id, expecting: .any) })
            }
            // Numbers are never used twice.
            try await store.write([
                .delete(.packageSet, PackageSetSummary.id(name), expecting: .version(version)),
                .put(
                    .packageSet, Self.grave(name), .table(["latest": .number(summary.latest)]),
                    expecting: .any),
            ])
        } catch {
            throw LibraryError(error, "the set '\(name)'")
        }
        caches.withLock { caches in
            caches.sets.removeAll()
            caches.renderings.removeAll()
        }
    }

    /// Deletes a file that no version of a set names any more.
    public func deleteFile(_ hash: ContentHash) async throws(LibraryError) {
        var last: String?
        while true {
            let page = try await reading { () async throws(StoreError) in
                try await store.documents(.packageSet, prefix: "v/", after: last, limit: Self.setsPerPage)
            }
            for set in page.compactMap({ PackageSet($0.body) }) where set.hosts(hash) {
                throw .inUse("\(set.reference) needs the file \(hash.short); delete that first")
            }
            guard page.count == Self.setsPerPage else { break }
            last = page.last?.id
        }
        guard await files.delete(hash) else { throw .notFound("file \(hash.short)") }
    }

    /// The name of the document that knows the last number of a set that was deleted.
    ///
    /// It stays for ever, a few bytes for each name that there ever was, so that no number is used twice.
    static func grave(_ name: String) -> String { "g/\(name)" }

    func reading<Answer>(
        _ body: () async throws(StoreError) -> Answer
    ) async throws(LibraryError) -> Answer {
        do throws(StoreError) { return try await body() } catch { throw .store(error) }
    }
}

extension PackageSet {
    /// Whether it needs a file that the manager has itself.
    fileprivate func hosts(_ hash: ContentHash) -> Bool {
        packages.contains { $0.artefacts.contains { $0.url == nil && $0.hash == hash } }
    }
}
