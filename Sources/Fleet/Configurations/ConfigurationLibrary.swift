public import FleetModel
public import FleetStore
internal import Logging
public import Pipeline
internal import Settings
internal import Synchronization
internal import Wire

/// The configurations of the fleet: named, in revisions that never change, filled in for each agent.
///
/// Documents are in the store; what was looked at lately is remembered, since revisions and renderings never
/// change. Nothing here assigns anything to an agent.
public final class ConfigurationLibrary: Sendable {
    /// The most configurations there may be.
    public static let mostConfigurations = 10_000
    /// The most revisions of one configuration.
    public static let mostRevisions = 100_000
    /// The longest description of a configuration, in UTF-8 bytes.
    public static let longestDescription = 4096

    /// Revisions that are remembered, in bytes of their files.
    private static let revisionBytes = 32 << 20
    /// Renderings and offers that are remembered, in bytes each.
    private static let renderingBytes = 64 << 20
    /// How long an offer with secrets is remembered.
    static let secretLife = Duration.seconds(10)
    /// How often all secrets are looked at, to know what agents must not be heard saying.
    static let secretPause = Duration.seconds(60)

    /// Which rendering a revision becomes with certain values.
    struct RenderingKey: Hashable, Sendable {
        let revision: RevisionReference
        let hash: ContentHash
        let values: [String: VariableValue]
    }

    /// The bytes of an offer.
    struct Offer: Sendable {
        let fragment: Bytes
        /// Until when it may be used; `nil` for always.
        let expires: Instant?
    }

    struct Caches: Sendable {
        var revisions = GenerationCache<RevisionReference, ConfigurationRevision>(
            limit: ConfigurationLibrary.revisionBytes)
        var hashes = GenerationCache<RenderingKey, KeptHash>(limit: 200_000)
        var renderings = GenerationCache<ContentHash, Rendering>(
            limit: ConfigurationLibrary.renderingBytes)
        var offers = GenerationCache<ContentHash, Offer>(limit: ConfigurationLibrary.renderingBytes)
        var scrubber = SecretScrubber()
        /// When all secrets have been looked at last.
        var secretsRead: Instant?
    }

    let store: FleetStore
    let groups: FleetGroups
    let values: FleetValues
    let secrets: any SecretSource
    let clock: any PipelineClock
    let isInUse: @Sendable (String) -> Bool
    let caches = Mutex(Caches())

    /// - Parameters:
    ///   - store: Where everything is kept.
    ///   - groups: Whose values templates get.
    ///   - values: What templates get in the whole fleet.
    ///   - secrets: Where `${secret:NAME}` is looked up.
    ///   - clock: The time.
    ///   - isInUse: Whether any agent ought to run a revision of this configuration, so that it must not be
    ///     deleted.
    public init(
        store: FleetStore, groups: FleetGroups, values: FleetValues, secrets: any SecretSource,
        clock: any PipelineClock, isInUse: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.store = store
        self.groups = groups
        self.values = values
        self.secrets = secrets
        self.clock = clock
        self.isInUse = isInUse
    }

    /// The names of secrets there are; never their texts.
    public func secretNames() -> [String] { secrets.names() }

    // MARK: - Configurations

    /// Configurations by name.
    ///
    /// - Parameters:
    ///   - prefix: What their names begin with.
    ///   - name: The last name that is known already.
    ///   - limit: How many at most.
    /// - Returns: What lists say of them.
    /// - Throws: `LibraryError.store`.
    public func configurations(
        prefix: String = "", after name: String? = nil, limit: Int = 1000
    ) async throws(LibraryError) -> [ConfigurationSummary] {
        var found: [ConfigurationSummary] = []
        var last = name
        while found.count < limit {
            let after = last
            let documents = try await reading { () async throws(StoreError) in
                try await self.store.documents(
                    .configuration, prefix: prefix, after: after, limit: max(limit, 100))
            }
            found += documents.compactMap { ConfigurationDocument($0) }.filter { !$0.isDeleted }
                .map(\.summary)
            last = documents.last?.id
            guard !documents.isEmpty else { break }
        }
        return Array(found.prefix(max(limit, 0)))
    }

    /// One configuration.
    public func configuration(_ name: String) async throws(LibraryError) -> ConfigurationSummary {
        guard let document = try await document(name) else { throw .notFound("configuration '\(name)'") }
        return document.summary
    }

    /// Says what a configuration is for.
    ///
    /// - Parameters:
    ///   - text: At most `longestDescription` bytes.
    ///   - name: The configuration.
    ///   - version: The version that is replaced; `nil` for whatever there is.
    /// - Throws: `LibraryError`.
    public func setDescription(
        _ text: String, of name: String, version: Int64? = nil
    ) async throws(LibraryError) {
        guard text.utf8.count <= Self.longestDescription else {
            throw .full("a description has at most \(Self.longestDescription) bytes")
        }
        guard var document = try await document(name) else { throw .notFound("configuration '\(name)'") }
        document.description = text
        try await write(
            [document.write(expecting: .version(version ?? document.version))],
            "the configuration '\(name)'")
    }

    /// Says what an imported configuration is for, and which set of files it came from.
    func describe(_ name: String, _ text: String, source: String) async throws(LibraryError) {
        guard var document = try await document(name) else { throw .notFound("configuration '\(name)'") }
        document.description = String(text.prefix(Self.longestDescription))
        document.source = source
        try await write(
            [document.write(expecting: .version(document.version))], "the configuration '\(name)'")
    }

    /// Deletes a configuration with all its revisions, unless an agent ought to run one.
    ///
    /// One of the same name that is made later goes on with the next number.
    public func delete(_ name: String, version: Int64? = nil) async throws(LibraryError) {
        guard let document = try await document(name) else { throw .notFound("configuration '\(name)'") }
        if let version, version != document.version { throw .conflict("the configuration '\(name)'") }
        guard !isInUse(name) else {
            throw .inUse("the configuration '\(name)' is what some agents ought to run; roll out another")
        }
        // What says that it is deleted goes last, so that what is left of a deletion can be deleted again.
        for prefix in [RevisionDocument.prefix(name), RevisionDocument.indexPrefix(name)] {
            while true {
                let page = try await reading { () async throws(StoreError) in
                    try await self.store.documents(.revision, prefix: prefix, after: nil, limit: 500)
                }
                guard !page.isEmpty else { break }
                try await write(
                    page.map { .delete(.revision, $0.id, expecting: .any) }, "the configuration '\(name)'")
            }
        }
        var deleted = document
        deleted.isDeleted = true
        (deleted.description, deleted.source, deleted.author) = ("", "", "")
        try await write(
            [deleted.write(expecting: .version(document.version))], "the configuration '\(name)'")
        caches.withLock { $0.revisions.removeAll() }
    }

    // MARK: - Revisions

    /// Revisions of a configuration, the oldest first.
    ///
    /// - Parameters:
    ///   - name: The configuration.
    ///   - number: The last number that is known already.
    ///   - limit: How many at most.
    /// - Returns: What lists say of them.
    /// - Throws: `LibraryError`.
    public func revisions(
        of name: String, after number: Int = 0, limit: Int = 1000
    ) async throws(LibraryError) -> [RevisionSummary] {
        guard try await document(name) != nil else { throw .notFound("configuration '\(name)'") }
        let after = number > 0 ? RevisionDocument.id(RevisionReference(name, number)) : nil
        let documents = try await reading { () async throws(StoreError) in
            try await self.store.documents(
                .revision, prefix: RevisionDocument.prefix(name), after: after, limit: limit)
        }
        return documents.compactMap { RevisionDocument($0)?.summary }
    }

    /// A revision with its files.
    public func revision(_ reference: RevisionReference) async throws(LibraryError) -> ConfigurationRevision {
        if let known = caches.withLock({ $0.revisions.value(reference) }) { return known }
        let stored = try await reading { () async throws(StoreError) in
            try await self.store.document(.revision, RevisionDocument.id(reference))
        }
        guard let document = stored.flatMap({ RevisionDocument($0) }) else {
            throw .notFound("revision \(reference)")
        }
        var files: [ConfigurationFile] = []
        for file in document.files {
            let body = try await reading { () async throws(StoreError) in
                try await self.store.content(file.hash)
            }
            guard let body else {
                throw .store(.damaged("the file '\(file.name)' of the revision \(reference) is missing"))
            }
            files.append(
                ConfigurationFile(
                    name: file.name, contentType: file.contentType, role: file.role, body: body))
        }
        let revision = document.revision(files)
        caches.withLock { $0.revisions.put(reference, revision, cost: document.size + 512) }
        return revision
    }

    /// The newest revision of a configuration.
    public func latest(of name: String) async throws(LibraryError) -> ConfigurationRevision {
        let summary = try await configuration(name)
        return try await revision(RevisionReference(name, summary.latest))
    }

    // MARK: - The store

    /// A configuration that is there.
    func document(_ name: String) async throws(LibraryError) -> ConfigurationDocument? {
        try await stored(name).flatMap { $0.isDeleted ? nil : $0 }
    }

    /// A configuration that is there, or was.
    func stored(_ name: String) async throws(LibraryError) -> ConfigurationDocument? {
        let stored = try await reading { () async throws(StoreError) in
            try await self.store.document(.configuration, name)
        }
        return stored.flatMap { ConfigurationDocument($0) }
    }

    func reading<Answer: Sendable>(
        _ body: () async throws(StoreError) -> Answer
    ) async throws(LibraryError) -> Answer {
        do throws(StoreError) { return try await body() } catch { throw .store(error) }
    }

    @discardableResult
    func write(_ writes: [DocumentWrite], _ what: String) async throws(LibraryError) -> [StoredDocument] {
        do throws(StoreError) { return try await store.write(writes) } catch {
            throw LibraryError(error, what)
        }
    }
}
