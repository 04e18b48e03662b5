internal import FleetModel
internal import FleetStore
internal import Pipeline
internal import Settings
internal import Synchronization

/// What became of a draft.
public struct AddedRevision: Sendable {
    public let revision: ConfigurationRevision
    /// Whether there was none with this content.
    public let isNew: Bool
    /// What is worth knowing, though it does not forbid anything.
    public let findings: [ConfigurationFinding]
}

extension ConfigurationLibrary {
    private static let mostTries = 8

    /// Makes a draft the next revision of a configuration, which is made with its first.
    ///
    /// A draft whose content a revision has already is that revision, whatever was made since: doing the
    /// same twice does nothing the second time. What has errors is refused.
    ///
    /// - Parameters:
    ///   - draft: The content.
    ///   - name: The configuration.
    ///   - message: Why it is made.
    ///   - user: Who makes it.
    ///   - latest: The newest revision that the author knows, 0 for none; anything else that is newest is a
    ///     conflict. `nil` when it does not matter.
    ///   - source: The set of files it is imported from; `nil` leaves what was said before.
    /// - Returns: The revision, and whether it is new.
    /// - Throws: `LibraryError`; `.invalid` with everything that is wrong.
    public func add(
        _ draft: RevisionDraft, to name: String, message: String, by user: FleetUser,
        expectingLatest latest: Int? = nil, source: String? = nil
    ) async throws(LibraryError) -> AddedRevision {
        var findings = check(draft)
        if !FleetName.isName(name) { findings.append(Self.problem("name", FleetName.rule)) }
        if message.utf8.count > ConfigurationRevision.longestMessage {
            findings.append(
                Self.problem("message", "has more than \(ConfigurationRevision.longestMessage) bytes"))
        }
        guard !findings.hasErrors else { throw .invalid(findings) }
        let hash = draft.hash
        var isKept = false
        for _ in 0..<Self.mostTries {
            let document = try await stored(name)
            let isThere = document.map { !$0.isDeleted } ?? false
            if let latest, latest != (isThere ? document?.latest ?? 0 : 0) {
                throw .conflict("the configuration '\(name)'")
            }
            if let known = try await number(of: hash, in: name) {
                let revision = try await revision(RevisionReference(name, known))
                return AddedRevision(revision: revision, isNew: false, findings: findings)
            }
            if !isKept {
                try await keep(draft.files)
                isKept = true
            }
            let revision = try next(after: document, name, draft, hash, message, user)
            if try await write(revision, over: document, source) {
                caches.withLock {
                    $0.revisions.put(
                        revision.reference, revision,
                        cost: draft.files.reduce(512) { $0 + $1.body.count })
                }
                return AddedRevision(revision: revision, isNew: true, findings: findings)
            }
        }
        throw .conflict("the configuration '\(name)'")
    }

    /// What a check finds in a draft; for agents with certain components when they are given.
    public func check(_ draft: RevisionDraft, for components: AgentComponents? = nil)
        -> [ConfigurationFinding]
    {
        DraftCheck(draft, components: components).findings
    }

    /// What a check finds in a draft for agents of several builds; findings that are alike are told once.
    ///
    /// - Parameters:
    ///   - draft: What to check.
    ///   - builds: At most 64 count.
    /// - Returns: What it finds; findings that are alike once.
    public func check(_ draft: RevisionDraft, for builds: [AgentComponents]) -> [ConfigurationFinding] {
        guard !builds.isEmpty else { return check(draft) }
        var found: [ConfigurationFinding] = []
        var known: Set<ConfigurationFinding> = []
        for build in builds.prefix(64) {
            for finding in check(draft, for: build) where known.insert(finding).inserted {
                found.append(finding)
            }
        }
        return found
    }

    static func problem(_ key: String, _ message: String) -> ConfigurationFinding {
        ConfigurationFinding(rule: "structure", Diagnostic(path: [key], message))
    }

    /// The revision with this content.
    func number(of hash: ContentHash, in name: String) async throws(LibraryError) -> Int? {
        let index = try await reading { () async throws(StoreError) in
            try await self.store.document(.revision, RevisionDocument.indexID(name, hash))
        }
        return index.flatMap { DocumentFields($0.body).whole("number") }.flatMap { Int(exactly: $0) }
    }

    private func keep(_ files: [ConfigurationFile]) async throws(LibraryError) {
        let bodies = files.map(\.body)
        try await reading { () async throws(StoreError) in _ = try await self.store.putContents(bodies) }
    }

    private func next(
        after document: ConfigurationDocument?, _ name: String, _ draft: RevisionDraft, _ hash: ContentHash,
        _ message: String, _ user: FleetUser
    ) throws(LibraryError) -> ConfigurationRevision {
        let number = (document?.latest ?? 0) + 1
        guard number <= Self.mostRevisions else {
            throw .full("the configuration '\(name)' has \(Self.mostRevisions) revisions; begin a new one")
        }
        return ConfigurationRevision(
            reference: RevisionReference(name, number), hash: hash, draft: draft, message: message,
            author: user.name, owner: user.owner, created: clock.unixNanoseconds)
    }

    /// Whether nobody else was faster.
    private func write(
        _ revision: ConfigurationRevision, over document: ConfigurationDocument?, _ source: String?
    ) async throws(LibraryError) -> Bool {
        let name = revision.reference.configuration
        var next = document ?? ConfigurationDocument(new: name, at: revision.created)
        if document == nil { try await checkRoom() }
        next.isDeleted = false
        next.latest = revision.reference.number
        next.updated = revision.created
        next.author = revision.author
        next.source = source ?? next.source
        let stored = RevisionDocument(revision)
        do throws(LibraryError) {
            try await write(
                [
                    next.write(expecting: document.map { .version($0.version) } ?? .absent), stored.write,
                    stored.indexWrite,
                ], "the configuration '\(name)'")
            return true
        } catch {
            guard case .conflict = error else { throw error }
            return false
        }
    }

    private func checkRoom() async throws(LibraryError) {
        var count = 0
        var last: String?
        while true {
            let after = last
            let page = try await reading { () async throws(StoreError) in
                try await self.store.documents(.configuration, after: after, limit: 5000)
            }
            count += page.count
            last = page.last?.id
            guard count < Self.mostConfigurations else {
                throw .full("there are \(Self.mostConfigurations) configurations; delete some")
            }
            guard page.count == 5000 else { return }
        }
    }
}
