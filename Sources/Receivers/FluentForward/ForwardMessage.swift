internal import Formats
internal import Wire

/// One message of the transport phase, in whichever of the four modes (specification v1, "Event Modes").
///
/// Its structure has been checked, except inside of what is packed: see `ForwardEntries`.
struct ForwardMessage: Sendable {
    /// Where the events are.
    enum Carrier: Sendable, Equatable {
        /// The time and the record of one event are elements of the message.
        case event(Range<Int>)
        /// Entries that follow one another.
        case entries(Range<Int>)
        /// The same in binary data, which may be compressed.
        case packed(Range<Int>)
    }

    /// How packed entries are compressed.
    enum Packing: String, Sendable {
        case none = ""
        case gzip, zstd
        /// Fluentd's word for none.
        case text
    }

    /// What the ranges are of.
    let bytes: Bytes
    let tag: Bytes
    let carrier: Carrier
    let packing: Packing
    /// What the client wants to read in the acknowledgement, encoded; `nil` when it wants none.
    let chunk: Bytes?

    private static let chunkLimit = 1024

    /// Reads the next message; `nil` for the `nil` that clients send to see whether the server is there.
    static func read(_ reader: inout MessagePackReader) throws(ForwardFault) -> ForwardMessage? {
        var parser = ForwardParser(reader)
        let message = try read(&parser, of: reader.bytes)
        reader.position = parser.position
        return message
    }

    private static func read(
        _ parser: inout ForwardParser, of bytes: Bytes
    ) throws(ForwardFault) -> ForwardMessage? {
        let place = parser.position
        let count: Int
        switch try parser.next() {
        case .null: return nil
        case .array(let elements): count = elements
        default: throw parser.fault("a message is not an array", at: place)
        }
        guard count >= 2 else { throw parser.fault("a message has \(count) elements", at: place) }
        let tag = bytes[try parser.string("a tag")]
        let (carrier, used) = try carrier(&parser)
        guard count == used || count == used + 1 else {
            throw parser.fault("a message has \(count) elements instead of \(used)", at: place)
        }
        var options = Options()
        if count > used { try options.read(&parser, of: bytes) }
        return ForwardMessage(
            bytes: bytes, tag: tag, carrier: carrier, packing: options.packing, chunk: options.chunk)
    }

    /// The second element tells the mode; also gives how many elements have been read.
    private static func carrier(_ parser: inout ForwardParser) throws(ForwardFault) -> (Carrier, Int) {
        let start = parser.position
        var probe = parser
        switch try probe.next() {
        case .array(let count):
            parser = probe
            let first = parser.position
            for _ in 0..<count { try parser.entry() }
            return (.entries(first..<parser.position), 2)
        case .string(let range), .binary(let range):
            parser = probe
            return (.packed(range), 2)
        default:
            try parser.time()
            try parser.record()
            return (.event(start..<parser.position), 3)
        }
    }

    /// The last element of a message.
    private struct Options {
        var packing = Packing.none
        var chunk: Bytes?

        mutating func read(_ parser: inout ForwardParser, of bytes: Bytes) throws(ForwardFault) {
            let place = parser.position
            let count: Int
            switch try parser.next() {
            case .null: return
            case .map(let pairs): count = pairs
            default: throw parser.fault("the option is not a map", at: place)
            }
            for _ in 0..<count {
                let key = bytes[try parser.string("a key of the option")].string
                try read(key, &parser, of: bytes)
            }
        }

        private mutating func read(
            _ key: String, _ parser: inout ForwardParser, of bytes: Bytes
        ) throws(ForwardFault) {
            let place = parser.position
            switch key {
            case "chunk":
                let name = try parser.string("the chunk")
                guard name.count <= ForwardMessage.chunkLimit else {
                    throw parser.fault("the name of the chunk has \(name.count) bytes", at: place)
                }
                // A copy: the name is kept until the acknowledgement, and the message is not.
                chunk = Bytes(bytes[place..<parser.position].array)
            case "compressed":
                let name = bytes[try parser.string("the kind of compression")].string
                guard let packing = Packing(rawValue: name) else {
                    let kind = name.prefix(32)
                    throw parser.fault("entries are compressed as '\(kind)', not as gzip or zstd", at: place)
                }
                self.packing = packing
            case "fluent_signal":
                let signal = try parser.next()
                guard signal == .int(0) || signal == .null else {
                    throw parser.fault("the message carries metrics or traces; only logs are read", at: place)
                }
            default:
                try parser.anything()
            }
        }
    }
}
