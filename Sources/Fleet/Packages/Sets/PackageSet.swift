public import FleetModel
public import OpAMP

/// One version of a set of packages: it never changes, and rollouts name it `packages/NAME@NUMBER`.
public struct PackageSet: Sendable, Hashable {
    /// What the name of a set begins with where configurations could be meant as well.
    public static let prefix = "packages/"
    /// The most packages of one set.
    public static let mostPackages = 32

    /// Letters, digits, `_`, `.` and `-`; at most 128.
    public let name: String
    /// From 1.
    public let number: Int
    public let packages: [FleetPackage]
    /// Why it was made, for people.
    public let message: String
    /// Whose token made it, and the person behind that.
    public let author: String
    public let owner: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64

    /// What rollouts name it by.
    public var reference: RevisionReference { RevisionReference(Self.prefix + name, number) }

    /// What it takes in memory, in bytes, about.
    var cost: Int {
        packages.reduce(message.utf8.count + 512) { sum, package in
            package.artefacts.reduce(sum + package.name.utf8.count + package.version.utf8.count + 128) {
                $0 + ($1.url?.utf8.count ?? 0) + $1.match.description.utf8.count + 384
            }
        }
    }
}

extension RevisionReference {
    /// The set of packages that this names; `nil` when it names a configuration.
    public var packageSet: String? {
        configuration.hasPrefix(PackageSet.prefix)
            ? String(configuration.dropFirst(PackageSet.prefix.count)) : nil
    }
}

/// One package of a set, in one version.
public struct FleetPackage: Sendable, Hashable {
    /// The most files of one package, one for each platform.
    public static let mostArtefacts = 64

    /// What agents know it by; some know their only package by the empty name.
    public let name: String
    /// The agent itself, or something beside it.
    public let kind: PackageAvailable.Kind
    public let version: String
    /// The first that matches an agent is the one it gets.
    public let artefacts: [PackageArtefact]
}

extension PackageAvailable.Kind {
    /// As documents have it.
    public var word: String { self == .topLevel ? "top_level" : "addon" }

    /// Reads `word`.
    public init?(word: String) {
        switch word {
        case "top_level": self = .topLevel
        case "addon": self = .addon
        default: return nil
        }
    }
}

/// The file of a package for some platforms.
public struct PackageArtefact: Sendable, Hashable {
    /// Which agents it is for, by what they report of themselves, such as `os.type=linux,host.arch=amd64`.
    public let match: Selector
    /// Where it is downloaded from; `nil` for a file that this manager has.
    public let url: String?
    /// SHA-256 of the file.
    public let hash: ContentHash
    /// Ed25519 over `PackageStatement`, 64 bytes.
    public let signature: [UInt8]
    /// The key that it was signed with; `PackageKey.id`.
    public let key: String
}

/// A package as somebody wants it to be added: signatures may be missing.
public struct PackageDraft: Sendable, Hashable {
    public var name: String
    public var kind: PackageAvailable.Kind
    public var version: String
    public var artefacts: [Artefact]

    /// The file of a package for some platforms.
    public struct Artefact: Sendable, Hashable {
        public var match: Selector
        public var url: String?
        public var hash: ContentHash
        /// Made elsewhere; `nil` when the manager is to sign.
        public var signature: [UInt8]?

        public init(match: Selector, url: String?, hash: ContentHash, signature: [UInt8]?) {
            self.match = match
            self.url = url
            self.hash = hash
            self.signature = signature
        }
    }

    public init(
        name: String, kind: PackageAvailable.Kind, version: String, artefacts: [Artefact]
    ) {
        self.name = name
        self.kind = kind
        self.version = version
        self.artefacts = artefacts
    }
}
