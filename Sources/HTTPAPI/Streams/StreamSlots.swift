internal import Transport

/// How many streams may be open at a time.
final class StreamSlots: Sendable {
    static let limit = 64
    /// Of one caller.
    static let share = 16

    private let slots = CallerSlots(limit: limit, share: share)

    /// Takes a place for a stream, which its end gives back.
    func take(_ caller: String) throws(APIProblem) {
        guard slots.take(caller) else {
            throw .tooMany("\(Self.limit) streams are open, or \(Self.share) of yours")
        }
    }

    /// Gives back a place.
    func giveBack(_ caller: String) { slots.giveBack(caller) }
}

extension APICall {
    /// Takes a place for a stream, which its end gives back; `.tooMany` when there is none.
    public func takeStream() throws(APIProblem) { try service.streams.take(caller.name) }

    /// Gives back a place that was taken for a stream that did not come about.
    public func giveStreamBack() { service.streams.giveBack(caller.name) }
}
