internal import FleetModel
internal import FleetStore
internal import Settings

/// A configuration as the store has it.
struct ConfigurationDocument {
    let name: String
    var description: String
    /// The number of the newest revision.
    var latest: Int
    let created: UInt64
    var updated: UInt64
    var author: String
    var source: String
    /// Whether it was deleted; it is remembered so that a number is never used for another content.
    var isDeleted = false
    /// 0 for one that is not stored.
    let version: Int64

    /// One without revisions.
    init(new name: String, at time: UInt64) {
        self.name = name
        description = ""
        latest = 0
        created = time
        updated = time
        author = ""
        source = ""
        version = 0
    }

    init?(_ stored: StoredDocument) {
        let fields = DocumentFields(stored.body)
        guard let latest = fields.whole("latest").flatMap({ Int(exactly: $0) }) else { return nil }
        name = stored.id
        description = fields.text("description") ?? ""
        self.latest = latest
        created = fields.whole("created") ?? 0
        updated = fields.whole("updated") ?? 0
        author = fields.text("author") ?? ""
        source = fields.text("source") ?? ""
        isDeleted = fields.flag("deleted")
        version = stored.version
    }

    func write(expecting: DocumentWrite.Expectation) -> DocumentWrite {
        let body = Tree.table([
            "latest": .number(latest), "description": .text(description), "created": .number(created),
            "updated": .number(updated), "author": .text(author), "source": .text(source),
            "deleted": .bool(isDeleted),
        ])
        return .put(.configuration, name, body, expecting: expecting)
    }

    var summary: ConfigurationSummary {
        ConfigurationSummary(
            name: name, description: description, latest: latest, created: created, updated: updated,
            author: author, version: version, source: source)
    }
}

/// A revision as the store has it; the files are contents of their own.
struct RevisionDocument {
    struct File {
        let name: String
        let contentType: String
        let role: String
        let size: Int
        let hash: ContentHash
    }

    let reference: RevisionReference
    let hash: ContentHash
    let files: [File]
    let settings: Tree
    let message: String
    let author: String
    let owner: String
    let created: UInt64

    /// What the ids of the revisions of a configuration begin with.
    static func prefix(_ name: String) -> String { "\(name)@" }
    /// What the ids of the documents begin with that say which revision has a certain content.
    static func indexPrefix(_ name: String) -> String { "\(name)#" }

    /// Ordered as the numbers are.
    static func id(_ reference: RevisionReference) -> String {
        let digits = String(reference.number)
        return prefix(reference.configuration) + String(repeating: "0", count: max(9 - digits.count, 0))
            + digits
    }

    static func indexID(_ name: String, _ hash: ContentHash) -> String {
        indexPrefix(name) + hash.description
    }

    init(_ revision: ConfigurationRevision) {
        reference = revision.reference
        hash = revision.hash
        files = revision.files.map { file in
            File(
                name: file.name, contentType: file.contentType, role: file.role, size: file.body.count,
                hash: ContentHash(of: file.body))
        }
        settings = revision.draft.settings
        message = revision.message
        author = revision.author
        owner = revision.owner
        created = revision.created
    }

    init?(_ stored: StoredDocument) {
        let fields = DocumentFields(stored.body)
        let parts = stored.id.split(separator: "@")
        guard parts.count == 2, let number = Int(parts[1]),
            let hash = fields.text("hash").flatMap({ ContentHash($0) })
        else { return nil }
        reference = RevisionReference(String(parts[0]), number)
        self.hash = hash
        files = fields.fields("files").compactMap { file in
            guard let hash = file.text("hash").flatMap({ ContentHash($0) }) else { return nil }
            return File(
                name: file.text("name") ?? "", contentType: file.text("type") ?? "",
                role: file.text("role") ?? "", size: Int(file.whole("size") ?? 0), hash: hash)
        }
        settings = stored.body["settings"] ?? .empty
        message = fields.text("message") ?? ""
        author = fields.text("author") ?? ""
        owner = fields.text("owner") ?? ""
        created = fields.whole("created") ?? 0
    }

    var size: Int { files.reduce(0) { $0 + $1.size } }

    var write: DocumentWrite {
        let files = files.map { file in
            Tree.table([
                "name": .text(file.name), "type": .text(file.contentType), "role": .text(file.role),
                "size": .number(file.size), "hash": .text(file.hash.description),
            ])
        }
        let body = Tree.table([
            "hash": .text(hash.description), "files": .list(files), "settings": settings,
            "message": .text(message), "author": .text(author), "owner": .text(owner),
            "created": .number(created),
        ])
        return .put(
            .revision, Self.id(reference), body, expecting: .absent, uses: self.files.map(\.hash))
    }

    /// Says which revision has this content.
    var indexWrite: DocumentWrite {
        .put(
            .revision, Self.indexID(reference.configuration, hash),
            .table(["number": .number(reference.number)]), expecting: .absent)
    }

    func revision(_ files: [ConfigurationFile]) -> ConfigurationRevision {
        ConfigurationRevision(
            reference: reference, hash: hash, draft: RevisionDraft(files: files, settings: settings),
            message: message, author: author, owner: owner, created: created)
    }

    var summary: RevisionSummary {
        RevisionSummary(
            reference: reference, hash: hash, message: message, author: author, owner: owner,
            created: created, size: size, files: files.map(\.name))
    }
}
