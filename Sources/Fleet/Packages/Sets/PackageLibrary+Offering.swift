internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Wire

/// What agents get of a set.
extension PackageLibrary: PackageOffers {
    /// Makes a version of a set into what an agent gets, and keeps that, so that it can be offered again by
    /// its hash alone.
    ///
    /// - Parameters:
    ///   - reference: The version.
    ///   - attributes: What the agent reports of itself.
    /// - Returns: `all_packages_hash` of the offer.
    /// - Throws: `.notFound` for a version that is not there, or when a package has no file for the agent.
    func render(
        _ reference: RevisionReference, for attributes: [String: String]
    ) async throws(LibraryError) -> ContentHash {
        guard let name = reference.packageSet else { throw .notFound("set of packages '\(reference)'") }
        let set = try await set(name, reference.number)
        let choice = try set.choice(for: attributes)
        let key = RenderingKey(reference: reference, choice: choice)
        let now = clock.now
        if let known = caches.withLock({ $0.renderings.value(key) }), known.isFresh(at: now) {
            return known.hash
        }
        let bytes = Self.content(set.offer(choice)).array
        let hash = try await reading { () async throws(StoreError) in try await store.putContent(bytes) }
        caches.withLock {
            $0.renderings.put(key, KeptHash(hash: hash, time: now), cost: choice.count * 8 + 256)
        }
        return hash
    }

    func cachedPackages(_ hash: ContentHash) -> PackageOffer? {
        guard let found = caches.withLock({ $0.offers.value(hash) }) else { return nil }
        guard found.day == nil || found.day == PackageTickets.day(clock.unixNanoseconds) else { return nil }
        return found.offer
    }

    func packages(_ hash: ContentHash) async throws(LibraryError) -> PackageOffer {
        if let known = cachedPackages(hash) { return known }
        let bytes = try await reading { () async throws(StoreError) in try await store.content(hash) }
        guard let bytes else { throw .notFound("offer of packages \(hash.short)") }
        guard var available = Self.packages(in: bytes) else {
            throw .store(.damaged("the content \(hash.short) is no offer of packages"))
        }
        let packages = available.packages.mapValues { OfferedPackage(version: $0.version, hash: $0.hash) }
        let day = try address(&available)
        available.allPackagesHash = hash.bytes
        let offer = PackageOffer(fragment: Self.content(available), packages: packages)
        caches.withLock {
            $0.offers.put(hash, Offer(offer: offer, day: day), cost: offer.fragment.count + 512)
        }
        return offer
    }

    /// Fills in where the files are that this manager has, and what opens the way to them.
    ///
    /// - Returns: The day that the tickets are of; `nil` when there are none.
    private func address(_ available: inout PackagesAvailable) throws(LibraryError) -> UInt64? {
        let today = PackageTickets.day(clock.unixNanoseconds)
        var hasTickets = false
        for (name, package) in available.packages {
            guard var file = package.file, file.downloadURL.hasPrefix(Self.downloadPath),
                let hash = ContentHash(bytes: file.contentHash)
            else { continue }
            guard let base = downloadURL else {
                throw .invalid([
                    ConfigurationFinding(
                        rule: "structure",
                        Diagnostic(
                            path: ["packages", name],
                            "packages.download_url does not say where agents reach this manager"))
                ])
            }
            file.downloadURL = base + file.downloadURL
            file.headers = [ConnectionHeader("Authorization", "Bearer \(tickets.ticket(hash, on: today))")]
            available.packages[name]?.file = file
            hasTickets = true
        }
        return hasTickets ? today : nil
    }

    /// An offer as bytes, which are the same for the same offer.
    fileprivate static func content(_ available: PackagesAvailable) -> Bytes {
        var message = ServerToAgent()
        message.packagesAvailable = available
        return message.encodedFragment()
    }

    private static func packages(in bytes: [UInt8]) -> PackagesAvailable? {
        do throws(OpAMPError) {
            return try ServerToAgent(decoding: Bytes(bytes)).packagesAvailable
        } catch {
            return nil
        }
    }
}

extension PackageSet {
    /// The file of each package that an agent gets.
    ///
    /// - Throws: `.notFound` when a package has none for it.
    func choice(for attributes: [String: String]) throws(LibraryError) -> [Int] {
        var choice: [Int] = []
        for package in packages {
            guard let index = package.artefacts.firstIndex(where: { $0.match.matches(attributes) }) else {
                let platform = ["os.type", "host.arch"].map { "\($0)=\(attributes[$0] ?? "?")" }
                throw .notFound(
                    "file of package '\(package.name)' for an agent with \(platform.joined(separator: ", "))")
            }
            choice.append(index)
        }
        return choice
    }

    /// What is offered to agents that get these files; the URLs of files that the manager has are paths, so
    /// that the hashes do not change with its address.
    fileprivate func offer(_ choice: [Int]) -> PackagesAvailable {
        var offer = PackagesAvailable()
        for (package, index) in zip(packages, choice) {
            let artefact = package.artefacts[index]
            var file = DownloadableFile()
            file.downloadURL = artefact.url ?? PackageLibrary.downloadPath + artefact.hash.description
            file.contentHash = artefact.hash.bytes
            file.signature = artefact.signature
            var offered = PackageAvailable()
            offered.kind = package.kind
            offered.version = package.version
            offered.file = file
            var alone = PackagesAvailable()
            alone.packages[package.name] = offered
            offered.hash = ContentHash(of: PackageLibrary.content(alone).array).bytes
            offer.packages[package.name] = offered
        }
        return offer
    }
}
