internal import OpAMP
internal import Rollouts
internal import Settings

/// Requests and answers as they are kept.
extension RolloutRequest {
    var tree: Tree {
        var entries = [
            Tree.Entry("actor", .text(actor.name)), Tree.Entry("owner", .text(actor.owner)),
            Tree.Entry("asker", .text(asker)),
            Tree.Entry("within_s", .number(patience.components.seconds)),
        ]
        switch wish {
        case .start(let spec, let asDraft):
            entries.append(Tree.Entry("start", spec.tree(.revealed) ?? .empty))
            entries.append(Tree.Entry("draft", .bool(asDraft)))
        case .command(let rollout, let command, let version):
            entries.append(Tree.Entry("rollout", .text(rollout)))
            entries.append(Tree.Entry("command", command.tree))
            if let version { entries.append(Tree.Entry("version", .number(version.rollout))) }
            if let standing = version?.standing {
                entries.append(Tree.Entry("standing_version", .number(standing)))
            }
        }
        return Tree(.table(entries))
    }

    /// What `tree` wrote; `nil` for what another version of the program has written.
    init?(id: String, _ tree: Tree) {
        let fields = DocumentFields(tree)
        guard let actor = fields.text("actor"), let owner = fields.text("owner"),
            let asker = fields.text("asker"), let patience = fields.whole("within_s")
        else { return nil }
        if let written = tree["start"] {
            guard let spec = RolloutSpec.decode(written).value else { return nil }
            wish = .start(spec, asDraft: fields.flag("draft"))
        } else {
            guard let rollout = fields.text("rollout"),
                let command = tree["command"].flatMap({ RolloutCommand($0) })
            else { return nil }
            let version = fields.text("version").flatMap { Int($0) }.map { version in
                RolloutVersion(
                    rollout: version, standing: fields.text("standing_version").flatMap { Int($0) })
            }
            wish = .command(rollout: rollout, command, version: version)
        }
        self.id = id
        self.actor = RolloutActor(name: actor, owner: owner)
        self.asker = asker
        self.patience = .seconds(Int64(clamping: min(patience, 3600)))
    }
}

extension RolloutAnswer {
    private static let unknown = RolloutServiceError.unavailable(
        "a manager of another version has answered; look at the rollout")

    var tree: Tree {
        switch self {
        case .done(let rollout): .table(["done": .text(rollout)])
        case .refused(.invalid(let texts)):
            .table(["refused": .text("invalid"), "texts": .list(texts.map { .text($0) })])
        case .refused(.outdated(let version)):
            .table(["refused": .text("outdated"), "texts": .list([.text("\(version)")])])
        case .refused(let error):
            .table(["refused": .text(error.word), "texts": .list([.text("\(error)")])])
        }
    }

    init(_ tree: Tree) {
        let fields = DocumentFields(tree)
        if let rollout = fields.text("done") {
            self = .done(rollout: rollout)
            return
        }
        let texts = fields.texts("texts")
        let text = texts.joined(separator: "; ")
        switch fields.text("refused") {
        case "not_found": self = .refused(.notFound(text))
        case "conflict": self = .refused(.conflict(text))
        case "outdated":
            self = .refused(RolloutVersion(parsing: text).map { .outdated($0) } ?? .conflict(text))
        case "forbidden": self = .refused(.forbidden(text))
        case "invalid": self = .refused(.invalid(texts))
        case "unavailable": self = .refused(.unavailable(text))
        default: self = .refused(Self.unknown)
        }
    }
}

extension RolloutServiceError {
    fileprivate var word: String {
        switch self {
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .outdated: "outdated"
        case .forbidden: "forbidden"
        case .invalid: "invalid"
        case .unavailable: "unavailable"
        }
    }
}

extension RolloutCommand {
    var tree: Tree {
        switch self {
        case .begin: .table(["do": .text("begin")])
        case .approve: .table(["do": .text("approve")])
        case .breakGlass(let reason): .table(["do": .text("break_glass"), "reason": .text(reason)])
        case .pause(let reason): .table(["do": .text("pause"), "reason": .text(reason)])
        case .resume: .table(["do": .text("resume")])
        case .promote(let all): .table(["do": .text("promote"), "all": .bool(all)])
        case .abort(let reason): .table(["do": .text("abort"), "reason": .text(reason)])
        case .rollBack(let reason): .table(["do": .text("rollback"), "reason": .text(reason)])
        case .retry(let uid): .table(["do": .text("retry"), "agent": .text("\(uid)")])
        }
    }

    init?(_ tree: Tree) {
        let fields = DocumentFields(tree)
        let reason = fields.text("reason") ?? ""
        switch fields.text("do") {
        case "begin": self = .begin
        case "approve": self = .approve
        case "break_glass": self = .breakGlass(reason: reason)
        case "pause": self = .pause(reason: reason)
        case "resume": self = .resume
        case "promote": self = .promote(all: fields.flag("all"))
        case "abort": self = .abort(reason: reason)
        case "rollback": self = .rollBack(reason: reason)
        case "retry":
            guard let uid = fields.text("agent").flatMap({ InstanceUID($0) }) else { return nil }
            self = .retry(uid)
        default: return nil
        }
    }
}
