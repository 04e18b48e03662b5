internal import FleetModel
internal import OpAMP
internal import Settings
internal import Wire

/// What an assignment says, without for whom and when: many agents have the same.
struct AssignmentTerms: Sendable, Hashable {
    let revision: RevisionReference
    let hash: ContentHash
    let rollout: String
    let confirmWithin: Int?
    let expectsDrop: Bool

    init(_ assignment: Assignment) {
        revision = assignment.revision
        hash = assignment.hash
        rollout = assignment.rollout
        confirmWithin = assignment.confirmWithin
        expectsDrop = assignment.expectsDrop
    }

    func assignment(of uid: InstanceUID, time: UInt64) -> Assignment {
        Assignment(
            uid: uid, revision: revision, hash: hash, rollout: rollout, confirmWithin: confirmWithin,
            expectsDrop: expectsDrop, time: time)
    }

    /// The custom message that goes with the offer to agents of our kind.
    var message: CustomMessage {
        var entries: [Tree.Entry] = [
            Tree.Entry("hash", .text(hash.description)), Tree.Entry("rollout", .text(rollout)),
            Tree.Entry("expect_drop", .bool(expectsDrop)),
        ]
        if let confirmWithin { entries.append(Tree.Entry("confirm_within_s", .number(confirmWithin))) }
        return ConfigMessage.make("offer", Tree(.table(entries)))
    }
}

/// Messages of `io.apus.config/v1`: JSON between agents of our kind and the manager.
enum ConfigMessage {
    static let capability = "io.apus.config/v1"

    static func make(_ type: String, _ body: Tree) -> CustomMessage {
        CustomMessage(capability: capability, type: type, data: Array(body.json().utf8))
    }

    /// The body of a message; `nil` when it is no JSON.
    static func body(of message: CustomMessage) -> Tree? {
        do throws(InvalidSettings) {
            return try Tree(
                json: String(decoding: message.data, as: UTF8.self),
                source: ConfigurationSource(.remote, message.type))
        } catch {
            return nil
        }
    }
}
