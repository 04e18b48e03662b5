internal import Pipeline
internal import Settings
internal import Wire

extension RemoteRecord {
    /// The file below the state directory.
    static let fileName = "remote.json"
    private static let mark = "apus-remote-1"

    /// The record as the content of a file.
    var text: String {
        let tree = Tree.table([
            "mark": .text(Self.mark),
            "hash": .text(Hexadecimal.text(of: state.hash)), "phase": .text(state.phase.rawValue),
            "message": .text(state.message),
            "rollbacks": .list(
                state.rollbacks.map { rollback in
                    .table([
                        "from": .text(Hexadecimal.text(of: rollback.from)),
                        "to": .text(Hexadecimal.text(of: rollback.to)),
                        "reason": .text(rollback.reason),
                    ])
                }),
            "confirmed": confirmed?.tree ?? .null, "candidate": candidate?.tree ?? .null,
            "earlier": .list(earlier.map(\.tree)),
        ])
        return Checksummed.seal(tree.json() + "\n")
    }

    /// Reads what `text` has written.
    init(text: String) throws(StateFailure) {
        let content = try Checksummed.open(text)
        let tree: Tree
        do throws(InvalidSettings) {
            tree = try Tree(json: content, source: ConfigurationSource(.inline, Self.fileName))
        } catch {
            throw StateFailure("it cannot be read: \(error)")
        }
        guard tree["mark"]?.text == Self.mark,
            let phase = tree["phase"]?.text.flatMap({ RemoteConfigurationState.Phase(rawValue: $0) })
        else { throw StateFailure("it was written by another version") }
        let rollbacks = (tree["rollbacks"]?.list ?? []).map { entry in
            RemoteRollback(
                from: Self.hash(entry["from"]), to: Self.hash(entry["to"]),
                reason: entry["reason"]?.text ?? "")
        }
        self.init(
            state: RemoteConfigurationState(
                hash: Self.hash(tree["hash"]), phase: phase, message: tree["message"]?.text ?? "",
                rollbacks: rollbacks),
            confirmed: tree["confirmed"].flatMap { Layer($0) },
            candidate: tree["candidate"].flatMap { Layer($0) },
            earlier: (tree["earlier"]?.list ?? []).compactMap { Layer($0) })
    }

    fileprivate static func hash(_ tree: Tree?) -> [UInt8] {
        tree?.text.flatMap { Hexadecimal.bytes(of: $0) } ?? []
    }
}

extension RemoteRecord.Layer {
    fileprivate var tree: Tree {
        .table([
            "hash": .text(Hexadecimal.text(of: hash)), "server": .text(server),
            "carrier": .text("\(carrier)"),
            "revision": revision.map { .text("\($0)") } ?? .null,
            "confirmation": .text(confirmation.rawValue), "runs": .bool(runs),
            "files": .list(
                files.map { file in
                    .table([
                        "name": .text(file.name), "type": .text(file.contentType),
                        // What is kept was read as YAML, so it is UTF-8; the rest fails and is not needed.
                        "body": .text(String(decoding: file.body, as: UTF8.self)),
                    ])
                }),
        ])
    }

    fileprivate init?(_ tree: Tree) {
        guard tree.table != nil, let carrier = tree["carrier"]?.text.flatMap({ ComponentID(parsing: $0) })
        else { return nil }
        let files = (tree["files"]?.list ?? []).map { entry in
            RemoteFile(
                name: entry["name"]?.text ?? "", contentType: entry["type"]?.text ?? "",
                body: Array((entry["body"]?.text ?? "").utf8))
        }
        self.init(
            hash: RemoteRecord.hash(tree["hash"]), files: files, server: tree["server"]?.text ?? "",
            carrier: carrier)
        revision = tree["revision"]?.text.map { RevisionID($0) }
        confirmation =
            tree["confirmation"]?.text.flatMap { RemoteRecord.Confirmation(rawValue: $0) } ?? .bySelf
        runs = tree["runs"]?.text == "true"
    }
}
