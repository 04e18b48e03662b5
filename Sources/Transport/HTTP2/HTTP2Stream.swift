internal import NIOCore
internal import Wire

/// The state of one stream.
///
/// The objects are pooled by their session: a stream costs no allocation of its own once a connection has
/// seen as many at a time.
///
/// Confined to the loop of its connection.
final class HTTP2Stream {
    /// The stream's number; 0 while it waits in the pool.
    var id: Int32 = 0
    /// Where the session keeps it in its list.
    var slot = 0

    // What arrives: a request for a server, a response for a client.
    var method = ""
    var target = ""
    var scheme = ""
    var authority = ""
    var status = 0
    var fields = HTTPFields()
    var trailers: HTTPFields?
    var contentLength: Int?
    var headerBytes = 0
    /// When the request began; kept only where the time to read it is limited.
    var start = NIODeadline.distantPast
    var headersTooLarge = false
    var headersComplete = false
    var receivedEnd = false
    var body = BodyCollector()
    /// Bytes that the peer has not been given back as window, because the body waits for memory.
    var unconsumed = 0

    // What is sent.
    var outgoing: [Bytes] = []
    var outgoingPart = 0
    var outgoingOffset = 0
    /// Bytes of all parts that are left.
    var outgoingCount = 0
    var outgoingTrailers: HTTPFields?
    var responseSubmitted = false
    /// Whether more may follow what `outgoing` holds.
    var isOpenEnded = false
    /// The stream that the answer is, while it goes on.
    var output: ResponseStreamState?

    /// Whether the whole answer is out while the request still comes in.
    var isAnswered = false
    /// Bytes of the body that came and were thrown away.
    var discarded = 0

    /// What the owner of the session keeps with the stream.
    var head: ServerRequestHead?
    var completion: ((Result<HTTP2Response, TransportError>) -> Void)?

    /// Whether there is anything after the headers.
    var hasOutgoing: Bool { outgoingPart < outgoing.count || outgoingTrailers != nil || isOpenEnded }

    /// Moves on to the next part that has bytes left.
    func skipEmptyParts() {
        while outgoingPart < outgoing.count, outgoingOffset == outgoing[outgoingPart].count {
            outgoingPart += 1
            outgoingOffset = 0
        }
    }

    /// Adds a part behind those that are there, and lets go of those that have been sent.
    func appendOutgoing(_ part: Bytes) {
        outgoing.removeFirst(outgoingPart)
        outgoingPart = 0
        outgoing.append(part)
        outgoingCount += part.count
    }

    /// Forgets everything, so that the object can serve another stream.
    func reset(budget: BodyBudget) {
        id = 0
        method = ""
        target = ""
        scheme = ""
        authority = ""
        status = 0
        fields.removeAll()
        trailers = nil
        contentLength = nil
        headerBytes = 0
        headersTooLarge = false
        headersComplete = false
        receivedEnd = false
        body.clear(budget: budget)
        unconsumed = 0
        outgoing.removeAll(keepingCapacity: true)
        outgoingPart = 0
        outgoingOffset = 0
        outgoingCount = 0
        outgoingTrailers = nil
        responseSubmitted = false
        isOpenEnded = false
        output = nil
        isAnswered = false
        discarded = 0
        head = nil
        completion = nil
    }
}
