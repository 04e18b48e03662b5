public import Wire

/// Telemetry of one signal in the wire form of OTLP: immutable shared bytes and how many items they hold.
///
/// Each chunk is one valid export request. Traces, metrics and logs are messages with a single repeated
/// field, so chunks that follow one another are again one valid message: merging appends chunks, sending
/// writes them one after another, and neither copies. Profiles refer to a dictionary that stands in the same
/// message, so each of their chunks has to be sent as a request of its own.
public struct Batch: Sendable {
    /// One valid export request, or a part of one that is valid itself.
    public struct Chunk: Sendable {
        /// The encoded message.
        public let bytes: Bytes
        /// Spans, data points, log records or profile samples in it.
        public let itemCount: Int
    }

    /// What kind of telemetry it is.
    public let signal: Signal
    /// The telemetry, in order; none of them is empty.
    public internal(set) var chunks: [Chunk]
    /// Spans, data points, log records or profile samples in all chunks.
    public internal(set) var itemCount: Int
    /// Bytes of all chunks.
    public internal(set) var byteCount: Int
    /// Who sent it; `nil` when it has several senders or none.
    public var origin: Origin?
    /// Who wants to know what becomes of the telemetry, in the order of the items; empty when nobody does.
    public var claims: [Claim] {
        get { claimList }
        set {
            claimList = newValue
            claimedItems = newValue.reduce(0) { $0 + $1.items }
        }
    }
    var claimList: [Claim] = []
    /// Items of all claims together: those of the batch when it is known which are whose, or more.
    var claimedItems = 0

    /// Makes an empty batch.
    public init(signal: Signal) {
        self.signal = signal
        chunks = []
        itemCount = 0
        byteCount = 0
    }

    /// Takes in bytes from outside: checks the whole structure and counts the items.
    ///
    /// Nothing is copied. What is checked is described at `Validator`; behind this door nothing needs to be.
    public init(validating bytes: Bytes, as signal: Signal) throws(InvalidTelemetry) {
        let count = try Validator.countItems(of: bytes, as: signal)
        self.init(signal: signal, trusted: [Chunk(bytes: bytes, itemCount: count)])
    }

    /// Makes a batch of chunks that this module wrote or has validated.
    init(signal: Signal, trusted chunks: [Chunk], origin: Origin? = nil, claims: [Claim] = []) {
        self.init(signal: signal)
        self.origin = origin
        self.claims = claims
        for chunk in chunks { append(chunk) }
    }

    /// Adds the telemetry of `other`, which has the same signal; no byte is copied.
    ///
    /// The origin remains when both have the same one.
    public mutating func append(_ other: Batch) {
        precondition(other.signal == signal, "batches of different signals cannot be merged")
        if chunks.isEmpty {
            origin = other.origin
        } else if !other.chunks.isEmpty, origin !== other.origin {
            origin = nil
        }
        appendClaims(of: other)
        chunks.append(contentsOf: other.chunks)
        itemCount += other.itemCount
        byteCount += other.byteCount
    }

    /// All chunks as one message; copies when there is more than one chunk.
    ///
    /// Profiles with more than one chunk cannot be joined; see `Batch`.
    public func contiguous() -> Bytes {
        guard let first = chunks.first else { return .empty }
        guard chunks.count > 1 else { return first.bytes }
        var builder = BytesBuilder(capacity: byteCount)
        for chunk in chunks { builder.append(chunk.bytes) }
        return builder.finish()
    }

    /// Adds a chunk unless it has no bytes.
    mutating func append(_ chunk: Chunk) {
        guard !chunk.bytes.isEmpty else { return }
        chunks.append(chunk)
        itemCount += chunk.itemCount
        byteCount += chunk.bytes.count
    }
}
