internal import Telemetry
internal import Wire

/// What makes out a request: its trace and the span of the client.
struct EdgeKey: Hashable {
    let trace: (UInt64, UInt64)
    /// 0 for a request that no span was made for.
    let span: UInt64

    static func == (left: Self, right: Self) -> Bool {
        left.trace == right.trace && left.span == right.span
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(trace.0)
        hasher.combine(trace.1)
        hasher.combine(span)
    }
}

/// One end of a request, as its span tells it.
struct EdgeEnd {
    enum Side {
        case client, server
    }

    let key: EdgeKey
    let side: Side
    let isMessage: Bool
    let hasFailed: Bool
    let seconds: Double
    /// The name of the service, UTF-8.
    let service: [UInt8]
    /// The database that the client asks.
    var database: [UInt8]?
    /// What the client calls the other end.
    var peer: [UInt8]?
    var dimensions = EncodedAttributes()
}

/// Finds the ends of requests in spans; belongs to one lane.
struct EdgeReader {
    /// Ends are handed over when there are so many.
    private static let limit = 256
    private static let serviceName: AttributeKey = "service.name"

    private let rules: ServiceGraphRules
    private var service: [UInt8]?
    private var ends: [EdgeEnd] = []
    /// Spans of resources without a service name.
    private(set) var skipped = 0

    init(_ rules: ServiceGraphRules) { self.rules = rules }

    /// Reads a batch and hands over the ends in it.
    mutating func read(_ batch: Batch, _ take: ([EdgeEnd]) -> Void) {
        skipped = 0
        var batch = batch
        batch.rewrite([.resource, .record]) { draft in
            if draft.kind == .resource {
                service = draft.withAttribute(Self.serviceName) { $0.plainText }
            } else {
                look(at: draft)
                if ends.count >= Self.limit { handOver(take) }
            }
        }
        handOver(take)
    }

    private mutating func handOver(_ take: ([EdgeEnd]) -> Void) {
        guard !ends.isEmpty else { return }
        take(ends)
        ends.removeAll(keepingCapacity: true)
    }

    private mutating func look(at span: Draft) {
        let side: EdgeEnd.Side
        let kind = span.bits(6)
        switch kind {
        case 3, 4: side = .client
        case 2, 5: side = .server
        default: return
        }
        guard let service else {
            skipped += 1
            return
        }
        let (start, end) = (span.bits(7), span.bits(8))
        var found = EdgeEnd(
            key: EdgeKey(
                trace: span.withData(1) { ($0.word(0), $0.word(8)) },
                span: span.withData(side == .client ? 2 : 4) { $0.word(0) }),
            side: side, isMessage: kind >= 4, hasFailed: span.message(15)?.unsigned(3) == 2,
            seconds: end > start ? Double(end - start) / 1e9 : 0, service: service)
        if side == .client {
            found.database = first(of: rules.databaseNames, in: [span.resource, span])
            found.peer = first(of: rules.peers, in: [span])
        }
        for dimension in rules.dimensions {
            guard let value = first(of: [dimension.key], in: [span.resource, span]) else { continue }
            let key = side == .client ? dimension.client : dimension.server
            value.withUnsafeBytes { found.dimensions.append(key, text: $0) }
        }
        ends.append(found)
    }

    /// The text of the first attribute that is there: the order of the keys comes before that of the drafts.
    private func first(of keys: [AttributeKey], in drafts: [Draft]) -> [UInt8]? {
        for key in keys {
            for draft in drafts {
                if let text = draft.withAttribute(key, { $0.plainText }) { return text }
            }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes from `offset` on as they are in memory; 0 when they are not there.
    fileprivate func word(_ offset: Int) -> UInt64 {
        offset + 8 <= count ? loadUnaligned(fromByteOffset: offset, as: UInt64.self) : 0
    }
}

extension LentValue {
    /// The value as text, UTF-8.
    fileprivate var plainText: [UInt8] { string.map { Array($0) } ?? Array(view.text.utf8) }
}
