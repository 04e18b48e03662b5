internal import FleetModel
internal import OpAMP
internal import Settings

/// Sets as they are kept.
extension PackageSet {
    /// The name of the document; documents of one set are in the order of their numbers.
    static func id(_ name: String, _ number: Int) -> String {
        let digits = String(number)
        return "\(name)/" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }

    var body: Tree {
        .table([
            "name": .text(name), "number": .number(number), "message": .text(message),
            "author": .text(author), "owner": .text(owner), "created": .number(created),
            "packages": .list(packages.map(\.body)),
        ])
    }

    /// Reads `body`; `nil` when it is not one.
    init?(_ body: Tree) {
        let fields = DocumentFields(body)
        guard let name = fields.text("name"), let number = fields.whole("number"), number > 0 else {
            return nil
        }
        self.name = name
        self.number = Int(clamping: number)
        message = fields.text("message") ?? ""
        author = fields.text("author") ?? ""
        owner = fields.text("owner") ?? ""
        created = fields.whole("created") ?? 0
        var packages: [FleetPackage] = []
        for fields in fields.fields("packages") {
            guard let package = FleetPackage(fields) else { return nil }
            packages.append(package)
        }
        self.packages = packages
    }
}

extension FleetPackage {
    fileprivate var body: Tree {
        .table([
            "name": .text(name), "type": .text(kind.word), "version": .text(version),
            "artefacts": .list(artefacts.map(\.body)),
        ])
    }

    fileprivate init?(_ fields: DocumentFields) {
        guard let name = fields.text("name"), let version = fields.text("version"),
            let kind = fields.text("type").flatMap({ PackageAvailable.Kind(word: $0) })
        else { return nil }
        self.name = name
        self.kind = kind
        self.version = version
        var artefacts: [PackageArtefact] = []
        for fields in fields.fields("artefacts") {
            guard let artefact = PackageArtefact(fields) else { return nil }
            artefacts.append(artefact)
        }
        self.artefacts = artefacts
    }
}

extension PackageArtefact {
    fileprivate var body: Tree {
        .table([
            "match": .text(match.description), "url": url.map { .text($0) } ?? .null,
            "sha256": .text(hash.description), "signature": .text(Base64.encode(signature)),
            "key": .text(key),
        ])
    }

    fileprivate init?(_ fields: DocumentFields) {
        guard let hash = fields.text("sha256").flatMap({ ContentHash($0) }),
            let signature = fields.text("signature").flatMap({ Base64.decode($0) }),
            let match = try? Selector(parsing: fields.text("match") ?? "")
        else { return nil }
        self.match = match
        self.hash = hash
        self.signature = signature
        url = fields.text("url")
        key = fields.text("key") ?? ""
    }
}
