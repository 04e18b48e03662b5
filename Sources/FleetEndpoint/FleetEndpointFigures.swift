internal import Synchronization

/// What an endpoint has seen since it started; everything but `openWebSockets` only grows.
public struct FleetEndpointFigures: Sendable, Hashable {
    /// Why a request of an agent was not taken.
    public enum Refusal: String, Sendable, CaseIterable {
        /// No credential, or a wrong one (401).
        case unauthenticated
        /// Too many wrong ones from the address (429).
        case throttled
        /// Not its turn yet (503).
        case paced
        /// Too many of the address have not shown yet who they are (closed without an answer).
        case crowded
        /// As many as may be are connected (503).
        case full
        /// The manager stops (503).
        case stopping
        /// Not a request of OpAMP, or not a proper one (400, 403, 404, 405, 413, 415).
        case improper
    }

    /// WebSockets that are open now.
    public var openWebSockets = 0
    /// WebSockets that have been opened.
    public var webSockets = 0
    /// Requests over plain HTTP that have been taken.
    public var requests = 0
    /// Messages received, over WebSockets and plain HTTP.
    public var messagesReceived = 0
    /// The bytes of those, decompressed.
    public var bytesReceived = 0
    /// Messages sent.
    public var messagesSent = 0
    /// The bytes of those, before compression.
    public var bytesSent = 0
    /// Messages that were not sent because the agent does not read what it was sent before.
    public var messagesDropped = 0
    /// WebSockets closed because the other end broke a rule.
    public var broken = 0
    /// Downloads of files of packages that have begun.
    public var downloads = 0
    /// The bytes of those that have been sent.
    public var downloadedBytes = 0
    /// Refusals by their reason.
    public var refusals: [Refusal: Int] = [:]
}

/// Counts for `FleetEndpointFigures`, on all loops at once.
final class EndpointCounters: Sendable {
    let openWebSockets = Atomic<Int>(0)
    let webSockets = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let messagesReceived = Atomic<Int>(0)
    let bytesReceived = Atomic<Int>(0)
    let messagesSent = Atomic<Int>(0)
    let bytesSent = Atomic<Int>(0)
    let messagesDropped = Atomic<Int>(0)
    let broken = Atomic<Int>(0)
    let downloads = Atomic<Int>(0)
    let downloadedBytes = Atomic<Int>(0)
    private let refusals = Mutex<[FleetEndpointFigures.Refusal: Int]>([:])

    func received(_ bytes: Int) {
        messagesReceived.wrappingAdd(1, ordering: .relaxed)
        bytesReceived.wrappingAdd(bytes, ordering: .relaxed)
    }

    func sent(_ bytes: Int) {
        messagesSent.wrappingAdd(1, ordering: .relaxed)
        bytesSent.wrappingAdd(bytes, ordering: .relaxed)
    }

    func refused(_ refusal: FleetEndpointFigures.Refusal) {
        refusals.withLock { $0[refusal, default: 0] += 1 }
    }

    var figures: FleetEndpointFigures {
        FleetEndpointFigures(
            openWebSockets: openWebSockets.load(ordering: .relaxed),
            webSockets: webSockets.load(ordering: .relaxed), requests: requests.load(ordering: .relaxed),
            messagesReceived: messagesReceived.load(ordering: .relaxed),
            bytesReceived: bytesReceived.load(ordering: .relaxed),
            messagesSent: messagesSent.load(ordering: .relaxed),
            bytesSent: bytesSent.load(ordering: .relaxed),
            messagesDropped: messagesDropped.load(ordering: .relaxed),
            broken: broken.load(ordering: .relaxed), downloads: downloads.load(ordering: .relaxed),
            downloadedBytes: downloadedBytes.load(ordering: .relaxed), refusals: refusals.withLock { $0 })
    }
}
