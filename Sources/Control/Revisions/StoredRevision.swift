internal import Settings

/// One configuration as it is kept on disk, with what is known about its making.
struct StoredRevision: Sendable {
    let id: RevisionID
    let number: Int
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    let time: UInt64
    let origin: ChangeOrigin
    /// The sources of the command line at that time.
    let sources: [String]
    /// What the sources of the command line said at that time.
    let base: RevisionID?
    /// Whether it says something else than those sources: it came over the API, or from the fleet.
    let isLayered: Bool
    /// The configuration as written, `${…}` not expanded.
    let document: Tree

    private static let mark = "apus-revision-1"

    init(
        number: Int, time: UInt64, origin: ChangeOrigin, sources: [String], base: RevisionID?,
        isLayered: Bool, document: Tree
    ) {
        id = RevisionID(of: document)
        self.number = number
        self.time = time
        self.origin = origin
        self.sources = sources
        self.base = base
        self.isLayered = isLayered
        self.document = document
    }

    /// The text of the file: a checksum of all that follows, a line about the making, the document.
    var text: String {
        let head = Tree.table([
            "mark": .text(Self.mark), "number": .number(number), "time": .number(time),
            "channel": .text(origin.channel.rawValue), "actor": .text(origin.actor),
            "address": origin.address.map { .text($0) } ?? .null,
            "sources": .list(sources.map { .text($0) }), "base": base.map { .text("\($0)") } ?? .null,
            "layered": .bool(isLayered),
        ])
        return Checksummed.seal(head.json() + "\n" + document.yaml())
    }

    /// Reads what `text` has written.
    init(text: String) throws(StateFailure) {
        let content = try Checksummed.open(text)
        let end = content.firstIndex(of: "\n") ?? content.endIndex
        let head = try Checksummed.table(String(content[..<end]))
        guard head["mark"]?.text == Self.mark, let number = head.integer("number"),
            let time = head["time"]?.text.flatMap({ UInt64($0) }),
            let channel = head["channel"]?.text.flatMap({ ChangeOrigin.Channel(rawValue: $0) })
        else { throw StateFailure("its first line is not understood") }
        let source = ConfigurationSource(.inline, "revision \(number)")
        let document: Tree
        do throws(InvalidSettings) {
            document = try Tree(yaml: String(content[end...].dropFirst()), source: source)
        } catch {
            throw StateFailure("its document cannot be read: \(error)")
        }
        self.init(
            number: number, time: time,
            origin: ChangeOrigin(channel, actor: head["actor"]?.text ?? "", address: head["address"]?.text),
            sources: (head["sources"]?.list ?? []).compactMap(\.text),
            base: head["base"]?.text.map { RevisionID($0) }, isLayered: head["layered"]?.text == "true",
            document: document.isNull ? .empty : document)
    }
}

/// Text with its own SHA-256 in front.
enum Checksummed {
    static func seal(_ content: String) -> String { Digest.sha256(content) + "\n" + content }

    /// The text behind the checksum; throws when it is not what was sealed.
    static func open(_ text: String) throws(StateFailure) -> String {
        guard let end = text.firstIndex(of: "\n") else { throw StateFailure("it is cut off") }
        let content = String(text[text.index(after: end)...])
        guard Digest.sha256(content) == text[..<end] else { throw StateFailure("its checksum is wrong") }
        return content
    }

    /// A line of JSON as a table.
    static func table(_ line: String) throws(StateFailure) -> Tree {
        let tree: Tree
        do throws(InvalidSettings) {
            tree = try Tree(yaml: line, source: ConfigurationSource(.inline, "state"))
        } catch {
            throw StateFailure("it cannot be read: \(error)")
        }
        guard tree.table != nil else { throw StateFailure("it is no table") }
        return tree
    }
}

extension Tree {
    /// A whole number below `key`.
    func integer(_ key: String) -> Int? { self[key]?.text.flatMap { Int($0) } }
}
