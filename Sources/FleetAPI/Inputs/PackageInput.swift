internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// A new version of a set of packages.
struct PackageVersionInput: SettingGroup {
    var message = ""
    var latest: Int?
    var packages: [PackageInput] = []

    init() {}

    static var fields: [Field<PackageVersionInput>] {
        [
            Field("message", \.message, "Why it is made.") {
                $0.utf8.count <= 4096 ? nil : "has more than 4096 bytes"
            },
            Field(
                "latest", \.latest,
                "The number of the newest version that the author knows; another is a conflict."),
            Field("packages", \.packages, "The packages of the set.", required: true) {
                $0.count <= PackageSet.mostPackages
                    ? nil : "has more than \(PackageSet.mostPackages) packages"
            },
        ]
    }

    var drafts: [PackageDraft] { packages.map(\.draft) }
}

/// One package.
struct PackageInput: SettingGroup {
    enum Kind: String, SettingChoice {
        case topLevel = "top_level"
        case addon
    }

    var name = ""
    var kind = Kind.topLevel
    var version = ""
    var artefacts: [ArtefactInput] = []

    init() {}

    static var fields: [Field<PackageInput>] {
        [
            Field("name", \.name, "What agents know it by; some know their only package by the empty name."),
            Field("type", \.kind, "top_level for the agent itself, addon for something beside it."),
            Field("version", \.version, "Its version.", required: true),
            Field(
                "artefacts", \.artefacts, "Its files; the first that matches an agent is the one it gets.",
                required: true
            ) {
                $0.count <= FleetPackage.mostArtefacts
                    ? nil : "has more than \(FleetPackage.mostArtefacts) files"
            },
        ]
    }

    var draft: PackageDraft {
        PackageDraft(
            name: name, kind: kind == .topLevel ? .topLevel : .addon, version: version,
            artefacts: artefacts.compactMap(\.draft))
    }
}

/// The file of a package for some platforms.
struct ArtefactInput: SettingGroup {
    var match = Selector.everything
    var url: String?
    var hash = ""
    var signature: String?

    init() {}

    static var fields: [Field<ArtefactInput>] {
        [
            Field(
                "match", \.match,
                "Which agents it is for, by what they report, such as os.type=linux,host.arch=amd64."),
            Field("url", \.url, "Where it is; without it, a file that was uploaded to the manager."),
            Field("sha256", \.hash, "The SHA-256 of the file, as 64 hexadecimal digits.", required: true) {
                ContentHash($0) == nil ? "must be 64 hexadecimal digits" : nil
            },
            Field(
                "signature", \.signature,
                "Made elsewhere: Ed25519 in base64; without it the manager signs, if it may."
            ) { text in
                guard let text else { return nil }
                return Base64.decode(text)?.count == 64 ? nil : "must be 64 bytes in base64"
            },
        ]
    }

    /// The file; the checks of the fields have seen to it that there is one.
    var draft: PackageDraft.Artefact? {
        ContentHash(hash).map { hash in
            PackageDraft.Artefact(
                match: match, url: url, hash: hash, signature: signature.flatMap { Base64.decode($0) })
        }
    }
}
