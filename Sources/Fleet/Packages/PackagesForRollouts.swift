internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Rollouts

/// The agents of the fleet, as rollouts of packages need them: what they were assigned and what they said is
/// that of packages, and nobody is asked or told anything beside the offer.
struct PackageAgents: RolloutFleet {
    let agents: any RolloutFleet
    let inventory: Inventory

    var population: (known: Int, connected: Int) { agents.population }
    var incapable: String { "does not take packages and report what becomes of them" }

    func facts(_ uid: InstanceUID) -> AgentFacts? { inventory.packageFacts(uid) }
    func labels(_ keys: Set<String>, of uids: [InstanceUID]) -> [InstanceUID: [String: String]] {
        agents.labels(keys, of: uids)
    }
    func resolve(_ selector: Selector) -> [InstanceUID] { agents.resolve(selector) }

    func assign(_ assignments: [Assignment]) async throws(StoreError) {
        try await inventory.assignPackages(assignments)
    }

    func withdraw(_ uids: [InstanceUID]) async throws(StoreError) {
        try await inventory.unassignPackages(uids)
    }

    func retry(_ uids: [InstanceUID]) async { await inventory.retryPackages(uids) }

    func watch(_ uids: [InstanceUID], interval: Int, seconds: Int) {
        agents.watch(uids, interval: interval, seconds: seconds)
    }

    // A rollout of packages promises nothing to agents that come later.
    func strays(_ promises: [StandingPromise], newer: [String: Int], limit: Int) -> [StrayAgent] { [] }
    // An agent keeps a package until it is offered another.
    func confirm(_ uids: [InstanceUID], rollout: String) {}
    func validate(_ uid: InstanceUID, id: String, _ hash: ContentHash) async {}
}

/// The sets of packages, as rollouts need them.
struct PackagesForRollouts: RolloutLibrary {
    let library: PackageLibrary
    /// What an agent reports of itself; `nil` for one that is not known.
    let attributes: @Sendable (InstanceUID) -> [String: String]?

    func render(
        _ revision: RevisionReference, for uids: [InstanceUID]
    ) async throws(RolloutServiceError) -> [RenderedAgent] {
        var rendered: [RenderedAgent] = []
        rendered.reserveCapacity(uids.count)
        for uid in uids {
            do throws(RolloutServiceError) {
                rendered.append(RenderedAgent(uid: uid, hash: .success(try await render(revision, for: uid))))
            } catch {
                rendered.append(RenderedAgent(uid: uid, hash: .failure(error)))
            }
        }
        return rendered
    }

    private func render(
        _ revision: RevisionReference, for uid: InstanceUID
    ) async throws(RolloutServiceError) -> ContentHash {
        guard let attributes = attributes(uid) else { throw .notFound("agent \(uid) is not known any more") }
        do throws(LibraryError) { return try await library.render(revision, for: attributes) } catch {
            throw RolloutServiceError(error)
        }
    }

    func problems(
        of revision: RevisionReference, for uids: [InstanceUID]
    ) async throws(RolloutServiceError) -> [String] {
        let set = try await set(revision)
        let hosted = set.packages.flatMap(\.artefacts).filter { $0.url == nil }
        guard !hosted.isEmpty else { return [] }
        guard library.downloadURL != nil else {
            return ["\(revision): packages.download_url does not say where agents reach this manager"]
        }
        let present = await library.files.present(Set(hosted.map(\.hash)))
        return hosted.filter { !present.contains($0.hash) }.map {
            "\(revision): the file \($0.hash.short) is not on this manager any more; upload it again"
        }
    }

    func author(of revision: RevisionReference) async -> String? {
        do throws(RolloutServiceError) { return try await set(revision).owner } catch { return nil }
    }

    func obstacle(to revision: RevisionReference, for uid: InstanceUID) async -> String? {
        do throws(RolloutServiceError) {
            _ = try await render(revision, for: uid)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func set(_ revision: RevisionReference) async throws(RolloutServiceError) -> PackageSet {
        guard let name = revision.packageSet else { throw .notFound("\(revision) is no set of packages") }
        do throws(LibraryError) { return try await library.set(name, revision.number) } catch {
            throw RolloutServiceError(error)
        }
    }
}

extension RolloutSpec {
    /// Leaves out what is for configurations alone: agents cannot say beforehand whether they could install
    /// something.
    mutating func adaptToPackages() { validation.agents = 0 }
}
