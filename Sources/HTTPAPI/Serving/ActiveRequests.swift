internal import Transport

/// How many requests may be under way at a time, streams included.
final class ActiveRequests: Sendable {
    static let limit = 256
    /// Of one caller; those without a token are one.
    static let share = 64

    private let slots = CallerSlots(limit: limit, share: share)

    func enter(_ caller: String) -> Bool { slots.take(caller) }
    func leave(_ caller: String) { slots.giveBack(caller) }
}
