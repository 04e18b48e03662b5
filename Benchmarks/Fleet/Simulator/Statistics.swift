/// What has happened so far.
struct Statistics {
    var opened: UInt64 = 0
    var refused: UInt64 = 0
    var failed: UInt64 = 0
    var closed: UInt64 = 0
    var sent: UInt64 = 0
    var sentBytes: UInt64 = 0
    var heartbeats: UInt64 = 0
    var received: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var fullReports: UInt64 = 0
    /// Answers of the server that refuse a message.
    var refusals: UInt64 = 0
    var offers: UInt64 = 0
    var applied: UInt64 = 0
    /// Offers that were compared byte by byte.
    var compared: UInt64 = 0
    /// Offers that were not what was to come.
    var wrong: UInt64 = 0
    /// Messages that make no sense: not protobuf, for another agent, no WebSocket.
    var broken: UInt64 = 0
    /// When the last offer came.
    var lastOffer: UInt64 = 0
    /// When the last agent reported that it has applied one.
    var lastApplied: UInt64 = 0
    /// When the last connection was opened.
    var lastOpened: UInt64 = 0
    /// Connections of those who do not keep to the protocol, and how often they were closed.
    var hostileOpened: UInt64 = 0
    var hostileClosed: UInt64 = 0
    /// Codes in close frames.
    var closeCodes: [UInt16: UInt64] = [:]

    /// The members of an object of JSON.
    var members: [(String, String)] {
        let numbers: [(String, UInt64)] = [
            ("opened", opened), ("refused", refused), ("failed", failed), ("closed", closed), ("sent", sent),
            ("sent_bytes", sentBytes), ("heartbeats", heartbeats), ("received", received),
            ("received_bytes", receivedBytes), ("full_reports", fullReports), ("refusals", refusals),
            ("offers", offers), ("applied", applied), ("compared", compared), ("wrong", wrong),
            ("broken", broken), ("last_offer", lastOffer), ("last_applied", lastApplied),
            ("last_opened", lastOpened), ("hostile_opened", hostileOpened), ("hostile_closed", hostileClosed),
        ]
        let codes = closeCodes.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        return numbers.map { ($0.0, String($0.1)) }
            + [("close_codes", "{\(codes.joined(separator: ", "))}")]
    }
}
