internal import FleetStore
internal import OpAMP
internal import Rollouts
internal import Settings

/// What a manager asks of the one that moves the rollouts: a document of the store.
///
/// Exactly one of two writes takes it away: that of whoever asked and does not want to wait any longer, or
/// that of the manager that did it, in one piece with what it did and with its answer. So nothing is done
/// twice or half, whichever of them dies.
struct RolloutRequest: Sendable, Equatable {
    /// What is asked for.
    enum Wish: Sendable, Equatable {
        case start(RolloutSpec, asDraft: Bool)
        case command(rollout: String, RolloutCommand, version: RolloutVersion?)
    }

    /// For so long it is waited for an answer: the lease of a manager that has died, and what its successor
    /// needs to begin.
    static let patience = Duration.seconds(30)
    /// Requests of all managers that may wait at once; more are refused.
    static let waitingLimit = 256
    /// Answers that nobody has fetched are kept for so long.
    static let keepsAnswers = Duration.seconds(600)

    let id: String
    let wish: Wish
    let actor: RolloutActor
    /// The manager that was asked.
    let asker: String
    /// How long after it was written it may still be done, by the clock of the store.
    var patience = RolloutRequest.patience

    /// A name that nobody else has; names sort by time.
    static func newID(_ time: UInt64) -> String {
        let digits = String(time)
        let end = String(UInt64.random(in: 0 ... .max), radix: 36)
        return String(repeating: "0", count: max(20 - digits.count, 0)) + digits + "-" + end
    }

    static let waitingPrefix = "q/"
    static let answerPrefix = "a/"
    static func waitingID(_ id: String) -> String { waitingPrefix + id }
    static func answerID(_ id: String) -> String { answerPrefix + id }

    /// The writes that answer a request that is kept as `document`; a conflict when nobody waits any more.
    static func answering(_ document: StoredDocument, _ answer: RolloutAnswer) -> [DocumentWrite] {
        let id = String(document.id.dropFirst(waitingPrefix.count))
        return [
            .delete(.rolloutRequest, document.id, expecting: .version(document.version)),
            .put(.rolloutRequest, answerID(id), answer.tree, expecting: .absent),
        ]
    }
}

/// What has become of a request.
enum RolloutAnswer: Sendable, Equatable {
    /// It is done, with this rollout.
    case done(rollout: String)
    case refused(RolloutServiceError)
}
