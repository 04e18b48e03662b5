internal import Delivery
internal import Engine

/// What a replay has done so far, in numbers.
struct ReplayTally: CustomStringConvertible {
    private var letters = 0
    private var delivered = 0
    private var deliveredItems = 0
    private var rejectedItems = 0
    private var refused = 0

    mutating func add(_ replayed: ReplayedLetter) {
        letters += 1
        switch replayed.outcome {
        case .delivered(let rejected, _):
            delivered += 1
            deliveredItems += max(replayed.letter.itemCount - rejected, 0)
            rejectedItems += rejected
        case .refused: refused += 1
        case .unreached: break
        }
    }

    /// Whether every item of every letter was delivered.
    var isComplete: Bool { delivered == letters && rejectedItems == 0 }

    var description: String {
        guard letters > 0 else { return "no dead letters" }
        let noun = letters == 1 ? "dead letter" : "dead letters"
        let parts = [
            ("rejected in them", rejectedItems), ("refused again", refused),
            ("not reached", letters - delivered - refused),
        ]
        let rest = parts.filter { $0.1 > 0 }.map { ", \($0.0): \($0.1)" }.joined()
        return "delivered \(delivered) of \(letters) \(noun) with \(deliveredItems) items\(rest)"
    }
}
