internal import Formats
internal import Telemetry
internal import Wire

/// Reads what messages are made of and checks it; behind it nothing is malformed.
struct ForwardParser {
    private var reader: MessagePackReader
    /// Where the message begins that faults are told from.
    private let start: Int

    /// A value stands on the level of an attribute, so as many levels fit below it.
    private static let depth = ValueBuilder.nestingLimit - 1
    /// The most pairs of a map and of those around it: what reads them later remembers the keys of all maps
    /// that it is inside of, and a pair of two bytes costs a hundred there.
    private static let pairLimit = 1 << 16

    init(_ reader: MessagePackReader) {
        self.reader = reader
        start = reader.position
    }

    var position: Int { reader.position }
    var isAtEnd: Bool { reader.isAtEnd }

    mutating func next() throws(ForwardFault) -> MessagePackToken {
        do throws(MessagePackError) {
            return try reader.next()
        } catch {
            throw fault(error.explanation, at: error.offset)
        }
    }

    func fault(_ reason: String, at position: Int) -> ForwardFault {
        ForwardFault(reason: reason, offset: position - start)
    }

    /// Reads a string, which may be binary data as well: senders mix the two.
    mutating func string(_ what: String) throws(ForwardFault) -> Range<Int> {
        let place = position
        switch try next() {
        case .string(let range), .binary(let range): return range
        default: throw fault("\(what) is no string", at: place)
        }
    }

    /// Checks an entry: a time and a record.
    mutating func entry() throws(ForwardFault) {
        let place = position
        guard try next() == .array(2) else {
            throw fault("an entry is not an array of a time and a record", at: place)
        }
        try time()
        try record()
    }

    /// Checks a time, which newer senders put into an array with metadata.
    mutating func time() throws(ForwardFault) {
        let place = position
        switch try next() {
        case .int, .unsigned, .double, .null: return
        case .extended(EventTime.type, let range) where range.count == 8: return
        case .array(2):
            try bareTime()
            try anything()
        default: throw fault("a time is neither a number nor an EventTime", at: place)
        }
    }

    private mutating func bareTime() throws(ForwardFault) {
        let place = position
        switch try next() {
        case .int, .unsigned, .double, .null: return
        case .extended(EventTime.type, let range) where range.count == 8: return
        default: throw fault("a time is neither a number nor an EventTime", at: place)
        }
    }

    /// Checks a record.
    mutating func record() throws(ForwardFault) {
        let place = position
        guard case .map(let count) = try next() else { throw fault("a record is not a map", at: place) }
        try pairs(count, depth: Self.depth, pairsAround: 0, at: place)
    }

    /// Steps over a value that means nothing here.
    mutating func anything() throws(ForwardFault) { try value(depth: Self.depth, pairsAround: 0) }

    /// Checks a value and everything inside of it; `pairsAround` are those of the maps that it is in.
    private mutating func value(depth: Int, pairsAround: Int) throws(ForwardFault) {
        let place = position
        switch try next() {
        case .array(let count):
            guard depth > 0 else { throw tooDeep(place) }
            for _ in 0..<count { try value(depth: depth - 1, pairsAround: pairsAround) }
        case .map(let count):
            guard depth > 0 else { throw tooDeep(place) }
            try pairs(count, depth: depth - 1, pairsAround: pairsAround, at: place)
        default: break
        }
    }

    private mutating func pairs(
        _ count: Int, depth: Int, pairsAround: Int, at place: Int
    ) throws(ForwardFault) {
        guard count <= Self.pairLimit - pairsAround else {
            throw fault("a map and those around it have more than \(Self.pairLimit) keys", at: place)
        }
        for _ in 0..<count {
            _ = try string("a key")
            try value(depth: depth, pairsAround: pairsAround + count)
        }
    }

    private func tooDeep(_ place: Int) -> ForwardFault {
        fault("values nest more than \(ValueBuilder.nestingLimit) deep", at: place)
    }
}
