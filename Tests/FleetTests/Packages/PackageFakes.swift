import FleetModel
import OpAMP
import Settings
import Synchronization
import Wire

@testable import Fleet

/// Offers of one package, `agent`, whose version is the hash of the offer.
final class FakePackages: PackageOffers {
    private let cached = Mutex<Set<ContentHash>>([])

    func cachedPackages(_ hash: ContentHash) -> PackageOffer? {
        cached.withLock { $0.contains(hash) } ? Self.offer(hash) : nil
    }

    func packages(_ hash: ContentHash) async throws(LibraryError) -> PackageOffer {
        cached.withLock { _ = $0.insert(hash) }
        return Self.offer(hash)
    }

    /// Nothing is at hand any more.
    func forget() { cached.withLock { $0 = [] } }

    private static func offer(_ hash: ContentHash) -> PackageOffer {
        var package = PackageAvailable()
        package.version = hash.short
        package.hash = [1] + hash.bytes
        var message = ServerToAgent()
        message.packagesAvailable = PackagesAvailable()
        message.packagesAvailable?.packages = ["agent": package]
        message.packagesAvailable?.allPackagesHash = hash.bytes
        return PackageOffer(
            fragment: message.encodedFragment(),
            packages: ["agent": OfferedPackage(version: package.version, hash: package.hash)])
    }
}

/// Offers that nobody has, and how often one was asked for.
final class MissingPackages: PackageOffers {
    private let count = Atomic(0)

    var asked: Int { count.load(ordering: .relaxed) }

    func cachedPackages(_ hash: ContentHash) -> PackageOffer? { nil }

    func packages(_ hash: ContentHash) async throws(LibraryError) -> PackageOffer {
        count.add(1, ordering: .relaxed)
        throw .notFound("offer of packages \(hash.short)")
    }
}

extension FakeAgent {
    /// An agent that takes packages.
    static func withPackages(_ number: UInt64, _ attributes: [String: String] = [:]) -> FakeAgent {
        var agent = FakeAgent(number, attributes)
        agent.capabilities.formUnion([.acceptsPackages, .reportsPackageStatuses])
        return agent
    }

    /// What an agent says of the one package of an offer.
    mutating func package(
        _ status: PackageStatus.Status, _ hash: ContentHash, has: ContentHash? = nil, _ message: String = ""
    ) -> AgentToServer {
        var report = heartbeat()
        var package = PackageStatus()
        package.name = "agent"
        package.status = status
        package.serverOfferedVersion = hash.short
        package.serverOfferedHash = [1] + hash.bytes
        if let has {
            package.agentHasVersion = has.short
            package.agentHasHash = [1] + has.bytes
        }
        package.errorMessage = message
        var statuses = PackageStatuses()
        statuses.packages = ["agent": package]
        statuses.serverProvidedAllPackagesHash = hash.bytes
        report.packageStatuses = statuses
        return report
    }

    func packages(_ hash: ContentHash, _ number: Int = 1, at time: UInt64) -> Assignment {
        Assignment(
            uid: uid, revision: RevisionReference("packages/agents", number), hash: hash,
            rollout: "p\(number)", time: time)
    }
}
