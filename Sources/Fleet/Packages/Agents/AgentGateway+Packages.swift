internal import FleetModel
internal import Logging
internal import OpAMP
internal import Pipeline
internal import Synchronization

/// Having offers of packages at hand.
extension AgentGateway {
    /// Fetches an offer.
    ///
    /// - Returns: Whether it is at hand now.
    func fetchPackages(_ hash: ContentHash) async -> Bool {
        do throws(LibraryError) {
            _ = try await packages.packages(hash)
            failedFetches.succeeded(hash)
            return true
        } catch {
            failedFetches.failed(hash, at: clock.now)
            logger.error(
                "packages that agents ought to have cannot be offered",
                metadata: ["hash": "\(hash.short)", "error": "\(error)"])
            return false
        }
    }

    /// Fetches the offers of what agents ought to have.
    func fetchPackages(of uids: [InstanceUID]) async {
        let hashes = inventory.state.withLock { inventory in
            Set(
                uids.compactMap { uid in
                    inventory.found(uid)?.agent.packages.flatMap { inventory.tables.terms[$0.terms]?.hash }
                })
        }
        for hash in hashes where packages.cachedPackages(hash) == nil { _ = await fetchPackages(hash) }
    }
}
