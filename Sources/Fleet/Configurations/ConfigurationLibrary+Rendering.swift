public import FleetModel
internal import FleetStore
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization
public import Wire

/// What of an agent the rendering of a revision depends on; agents that are alike in it get the same.
private struct RenderingSubject: Hashable {
    private let uid: InstanceUID?
    private let labels: [String: String]
    private let attributes: [String: String]

    /// - Parameters:
    ///   - subject: The agent.
    ///   - sources: What the variables name with `from`; `nil` when there are no variables.
    init(_ subject: TemplateSubject, _ sources: Set<String>?) {
        uid = sources?.contains(TemplateSubject.uidAttribute) == true ? subject.uid : nil
        labels = sources == nil ? [:] : subject.labels
        attributes = sources.map { names in subject.attributes.filter { names.contains($0.key) } } ?? [:]
    }
}

/// What each variable of a revision is for one agent, and where that was said.
public struct ResolvedVariable: Sendable, Hashable {
    public let name: String
    /// As text; the elements of a list with commas.
    public let value: String
    public let origin: VariableOrigin
}

extension ConfigurationLibrary {
    /// What a revision is for an agent, kept so that it can be offered again by its hash for as long as the
    /// agent ought to run it, whatever becomes of values and labels.
    ///
    /// - Throws: `.variables` when a variable has no value for the agent, or a wrong one.
    public func render(
        _ reference: RevisionReference, for subject: TemplateSubject
    ) async throws(LibraryError) -> Rendering {
        let revision = try await revision(reference)
        let values = try resolve(revision.draft, for: subject)
        let key = RenderingKey(revision: reference, hash: revision.hash, values: values)
        let now = clock.now
        if let known = caches.withLock({ caches in
            caches.hashes.value(key).flatMap { $0.isFresh(at: now) ? caches.renderings.value($0.hash) : nil }
        }) {
            return known
        }
        let rendering = try rendering(of: revision.draft, values)
        let bytes = CanonicalFiles.encode(rendering.files)
        try await reading { () async throws(StoreError) in _ = try await self.store.putContent(bytes) }
        caches.withLock { caches in
            caches.hashes.put(key, KeptHash(hash: rendering.hash, time: now), cost: 1)
            caches.renderings.put(rendering.hash, rendering, cost: bytes.count + 512)
        }
        return rendering
    }

    /// What a revision is for many agents: worked out once for all with the same values, and kept in few
    /// writes.
    ///
    /// - Parameters:
    ///   - reference: The revision.
    ///   - subjects: The agents; of attributes only those count that variables of the revision name.
    /// - Returns: For each subject the hash of its rendering, or why there is none for it.
    /// - Throws: what concerns all of them.
    public func render(
        _ reference: RevisionReference, for subjects: [TemplateSubject]
    ) async throws(LibraryError) -> [Result<ContentHash, LibraryError>] {
        let revision = try await revision(reference)
        let now = clock.now
        let variables = revision.draft.variables
        let sources = variables.isEmpty ? nil : Set(variables.values.map(\.source))
        var known: [RenderingSubject: Result<ContentHash, LibraryError>] = [:]
        var fresh: [(key: RenderingKey, rendering: Rendering, bytes: [UInt8])] = []
        var waiting = 0
        var answers: [Result<ContentHash, LibraryError>] = []
        answers.reserveCapacity(subjects.count)
        for subject in subjects {
            let same = RenderingSubject(subject, sources)
            if let answer = known[same] {
                answers.append(answer)
                continue
            }
            do throws(LibraryError) {
                let values = try resolve(revision.draft, for: subject)
                let key = RenderingKey(revision: reference, hash: revision.hash, values: values)
                if let hash = caches.withLock({ caches in
                    caches.hashes.value(key).flatMap { kept in
                        kept.isFresh(at: now) ? caches.renderings.value(kept.hash)?.hash : nil
                    }
                }) {
                    known[same] = .success(hash)
                } else {
                    let rendering = try rendering(of: revision.draft, values)
                    let bytes = CanonicalFiles.encode(rendering.files)
                    fresh.append((key, rendering, bytes))
                    waiting += bytes.count
                    known[same] = .success(rendering.hash)
                }
            } catch {
                known[same] = .failure(error)
            }
            answers.append(known[same] ?? .failure(.notFound("revision \(reference)")))
            if waiting >= Self.renderingsPerWrite {
                try await keep(fresh, at: now)
                (fresh, waiting) = ([], 0)
            }
        }
        try await keep(fresh, at: now)
        return answers
    }

    /// Bytes of renderings that are written in one transaction, unless one has more.
    private static let renderingsPerWrite = 8 << 20

    private func keep(
        _ fresh: [(key: RenderingKey, rendering: Rendering, bytes: [UInt8])], at now: Instant
    ) async throws(LibraryError) {
        guard !fresh.isEmpty else { return }
        let contents = fresh.map(\.bytes)
        try await reading { () async throws(StoreError) in _ = try await self.store.putContents(contents) }
        caches.withLock { caches in
            for (key, rendering, bytes) in fresh {
                caches.hashes.put(key, KeptHash(hash: rendering.hash, time: now), cost: 1)
                caches.renderings.put(rendering.hash, rendering, cost: bytes.count + 512)
            }
        }
    }

    /// What a draft would be for an agent; nothing is kept.
    public func preview(
        _ draft: RevisionDraft, for subject: TemplateSubject
    ) throws(LibraryError) -> Rendering {
        try rendering(of: draft, try resolve(draft, for: subject))
    }

    /// What the variables of a draft are for an agent, by name.
    public func variables(
        of draft: RevisionDraft, for subject: TemplateSubject
    ) throws(LibraryError) -> [ResolvedVariable] {
        let resolution = resolution(draft, for: subject)
        guard resolution.diagnostics.isEmpty else { throw Self.unresolved(resolution) }
        return resolution.values.keys.sorted().compactMap { name in
            guard let value = resolution.values[name], let origin = resolution.origins[name] else {
                return nil
            }
            return ResolvedVariable(
                name: name, value: value.inText ?? (value.elements ?? []).joined(separator: ","),
                origin: origin)
        }
    }

    /// A rendering by its hash.
    public func rendering(_ hash: ContentHash) async throws(LibraryError) -> Rendering {
        if let known = caches.withLock({ $0.renderings.value(hash) }) { return known }
        let bytes = try await reading { () async throws(StoreError) in try await self.store.content(hash) }
        guard let bytes else { throw .notFound("rendering \(hash.short)") }
        guard let rendering = Rendering(kept: bytes), rendering.hash == hash else {
            throw .store(.damaged("the content \(hash.short) is not a rendering"))
        }
        caches.withLock { $0.renderings.put(hash, rendering, cost: bytes.count + 512) }
        return rendering
    }

    // MARK: - Offers

    /// The fragment of a `ServerToAgent` that offers a rendering, if it is at hand: shared by all agents that
    /// get it, and without their ids.
    public func cachedOffer(_ hash: ContentHash) -> Bytes? {
        let now = clock.now
        return caches.withLock { caches in
            guard let offer = caches.offers.value(hash) else { return nil }
            if let expires = offer.expires, expires <= now {
                caches.offers.remove(hash)
                return nil
            }
            return offer.fragment
        }
    }

    /// The fragment of a `ServerToAgent` that offers a rendering, secrets filled in.
    ///
    /// - Throws: `.notFound` for a rendering that is not kept, `.secret` when a secret cannot be had.
    public func offer(_ hash: ContentHash) async throws(LibraryError) -> Bytes {
        if let known = cachedOffer(hash) { return known }
        let rendering = try await rendering(hash)
        let files = try revealed(rendering)
        var message = ServerToAgent()
        message.remoteConfig = AgentRemoteConfig(CanonicalFiles.offered(files), hash: hash.bytes)
        let fragment = message.encodedFragment()
        let expires = rendering.secrets.isEmpty ? nil : clock.now + Self.secretLife
        caches.withLock {
            $0.offers.put(hash, Offer(fragment: fragment, expires: expires), cost: fragment.count + 512)
        }
        return fragment
    }

    /// The files of a rendering as the agent gets them, secrets included: for agents only.
    public func filesForAgent(_ hash: ContentHash) async throws(LibraryError) -> [ConfigurationFile] {
        try revealed(try await rendering(hash))
    }

    /// Text that an agent sent, such as a reason why it failed, without the manager's secrets.
    public func scrubbed(_ text: String) -> String {
        lookAtSecrets()
        return caches.withLock { $0.scrubber }.scrub(text)
    }

    /// A message of an agent in which every byte of one of the manager's secrets is a `*`: agents repeat what
    /// they were given in effective configurations and in reasons why they failed.
    public func masked(_ message: Bytes) -> Bytes {
        lookAtSecrets()
        return caches.withLock { $0.scrubber }.mask(message) ?? message
    }

    /// Grows when there are secrets that were not known before.
    public var secretGeneration: UInt64 {
        lookAtSecrets()
        return caches.withLock { $0.scrubber.generation }
    }

    /// Looks at all secrets now and then, since a manager that has just begun has offered none of them yet.
    private func lookAtSecrets() {
        let now = clock.now
        let isDue = caches.withLock { caches in
            if let before = caches.secretsRead, now - before < Self.secretPause { return false }
            caches.secretsRead = now
            return true
        }
        guard isDue else { return }
        let texts = secrets.names().prefix(SecretScrubber.limit).compactMap { name -> String? in
            do throws(SecretFailure) { return try secrets.secret(name) } catch { return nil }
        }
        caches.withLock { caches in for text in texts { caches.scrubber.note(text) } }
    }

    private func revealed(_ rendering: Rendering) throws(LibraryError) -> [ConfigurationFile] {
        var texts: [String] = []
        let files = try rendering.revealed { (name) throws(SecretFailure) in
            let text = try secrets.secret(name)
            texts.append(text)
            return text
        }
        caches.withLock { caches in for text in texts { caches.scrubber.note(text) } }
        return files
    }

    // MARK: - Variables

    private func resolution(_ draft: RevisionDraft, for subject: TemplateSubject) -> VariableResolution {
        VariableResolution(
            draft.variables, for: subject, groups: groups.values(for: subject.labels), fleet: values.values)
    }

    private func resolve(
        _ draft: RevisionDraft, for subject: TemplateSubject
    ) throws(LibraryError) -> [String: VariableValue] {
        guard !draft.variables.isEmpty else { return [:] }
        let resolution = resolution(draft, for: subject)
        guard resolution.diagnostics.isEmpty else { throw Self.unresolved(resolution) }
        return resolution.values
    }

    private static func unresolved(_ resolution: VariableResolution) -> LibraryError {
        .variables(resolution.diagnostics.map { ConfigurationFinding(rule: "template", $0) })
    }

    private func rendering(
        of draft: RevisionDraft, _ values: [String: VariableValue]
    ) throws(LibraryError) -> Rendering {
        do throws(InvalidSettings) {
            return Rendering(files: try Rendering.filling(draft.files, with: values))
        } catch {
            throw .variables(error.diagnostics.map { ConfigurationFinding(rule: "template", $0) })
        }
    }
}
