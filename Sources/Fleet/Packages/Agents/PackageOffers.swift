internal import FleetModel
internal import OpAMP
internal import Wire

/// What is offered to agents that ought to have the same packages.
struct PackageOffer: Sendable {
    /// All of a message but the id of the agent.
    let fragment: Bytes
    let packages: [String: OfferedPackage]
}

/// Where the bytes of offers of packages come from; `PackageLibrary` has them.
protocol PackageOffers: Sendable {
    /// An offer by its hash; `nil` when it has to be fetched.
    func cachedPackages(_ hash: ContentHash) -> PackageOffer?
    /// The same, from the store if need be.
    func packages(_ hash: ContentHash) async throws(LibraryError) -> PackageOffer
}

/// Stands where there are no packages.
struct NoPackages: PackageOffers {
    func cachedPackages(_ hash: ContentHash) -> PackageOffer? { nil }

    func packages(_ hash: ContentHash) async throws(LibraryError) -> PackageOffer {
        throw .notFound("offer of packages \(hash.short)")
    }
}
