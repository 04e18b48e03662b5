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

    /// Memory that it takes, about; what it has in common with other ends counts for each.
    var byteCount: Int {
        200 + service.count + (database?.count ?? 0) + (peer?.count ?? 0) + dimensions.byteCount
    }
}

/// Finds the ends of requests in spans; belongs to one lane.
struct EdgeReader {
    /// Ends are handed over when there are so many, or so many bytes of them.
    private static let limit = (ends: 256, bytes: 256 << 10)
    private static let serviceName: AttributeKey = "service.name"

    /// What a resource says, read once for all of its spans.
    private struct OfResource {
        var service: [UInt8]?
        /// The values of attributes that name a database, and of dimensions, in the order of the rules.
        var databases: [[UInt8]?] = []
        var dimensions: [[UInt8]?] = []
    }

    private let rules: ServiceGraphRules
    private var resource = OfResource()
    private var ends: [EdgeEnd] = []
    private var byteCount = 0
    /// Spans of resources without a service name.
    private(set) var skipped = 0

    init(_ rules: ServiceGraphRules) { self.rules = rules }

    /// Reads a batch and hands over the ends in it.
    mutating func read(_ batch: Batch, _ take: ([EdgeEnd]) -> Void) {
        skipped = 0
        var batch = batch
        batch.rewrite([.resource, .record]) { draft in
            if draft.kind == .resource {
                resource = OfResource(
                    service: Self.text(of: Self.serviceName, in: draft),
                    databases: rules.databaseNames.map { Self.text(of: $0, in: draft) },
                    dimensions: rules.dimensions.map { Self.text(of: $0.key, in: draft) })
            } else {
                look(at: draft)
                if ends.count >= Self.limit.ends || byteCount >= Self.limit.bytes { handOver(take) }
            }
        }
        handOver(take)
    }

    private mutating func handOver(_ take: ([EdgeEnd]) -> Void) {
        guard !ends.isEmpty else { return }
        take(ends)
        ends.removeAll(keepingCapacity: true)
        byteCount = 0
    }

    private mutating func look(at span: Draft) {
        let side: EdgeEnd.Side
        let kind = span.bits(6)
        switch kind {
        case 3, 4: side = .client
        case 2, 5: side = .server
        default: return
        }
        guard let service = resource.service else {
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
            for (key, common) in zip(rules.databaseNames, resource.databases) where found.database == nil {
                found.database = common ?? Self.text(of: key, in: span)
            }
            for key in rules.peers where found.peer == nil { found.peer = Self.text(of: key, in: span) }
        }
        for (dimension, common) in zip(rules.dimensions, resource.dimensions) {
            guard let value = common ?? Self.text(of: dimension.key, in: span) else { continue }
            let key = side == .client ? dimension.client : dimension.server
            value.withUnsafeBytes { found.dimensions.append(key, text: $0) }
        }
        byteCount += found.byteCount
        ends.append(found)
    }

    /// The text of an attribute, if it is there.
    private static func text(of key: AttributeKey, in draft: Draft) -> [UInt8]? {
        draft.withAttribute(key) { $0.plainText }
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes from `offset` on as they are in memory; 0 when they are not there.
    fileprivate func word(_ offset: Int) -> UInt64 {
        offset + 8 <= count ? loadUnaligned(fromByteOffset: offset, as: UInt64.self) : 0
    }
}

extension LentValue {
    /// Bytes of a text that are of use as a name.
    private static let textLimit = 4096

    /// The value as text, UTF-8, cut between characters where it is too long.
    fileprivate var plainText: [UInt8] {
        if let string { return Array(string[..<Self.end(of: string)]) }
        let text = Array(view.text.utf8)
        return text.withUnsafeBytes { Array($0[..<Self.end(of: $0)]) }
    }

    private static func end(of text: UnsafeRawBufferPointer) -> Int {
        guard text.count > textLimit else { return text.count }
        var end = textLimit
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
