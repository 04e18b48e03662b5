internal import Compression
internal import Formats
internal import Wire

/// The events of one message, decompressed and checked.
struct ForwardEntries: Sendable {
    /// Why there are none.
    enum Failure: Error, Equatable {
        case fault(ForwardFault)
        /// There is no memory for them at the moment.
        case noRoom
    }

    let bytes: Bytes
    /// Where they are: one after another, each an array, unless it is the `single` one.
    let range: Range<Int>
    /// Whether the range holds a time and a record without an array around them.
    let isSingle: Bool

    /// Takes the entries out of a message.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - limit: the most bytes that compressed entries may become.
    ///   - room: the bytes that there is memory for at the moment.
    /// - Throws: why there are none.
    init(
        _ message: ForwardMessage, limit: Int, room: @escaping @Sendable () -> Int
    ) throws(Failure) {
        switch message.carrier {
        case .event(let range): self.init(message.bytes, range, isSingle: true)
        case .entries(let range): self.init(message.bytes, range, isSingle: false)
        case .packed(let range):
            let packed = message.bytes[range]
            let entries = try Self.decompressed(packed, message.packing, limit: limit, room: room)
            do throws(ForwardFault) {
                var parser = ForwardParser(MessagePackReader(entries))
                while !parser.isAtEnd { try parser.entry() }
            } catch {
                throw .fault(ForwardFault(reason: "packed entries: \(error.reason)", offset: error.offset))
            }
            self.init(entries, 0..<entries.count, isSingle: false)
        }
    }

    private init(_ bytes: Bytes, _ range: Range<Int>, isSingle: Bool) {
        self.bytes = bytes
        self.range = range
        self.isSingle = isSingle
    }

    private static func decompressed(
        _ packed: Bytes, _ packing: ForwardMessage.Packing, limit: Int,
        room: @escaping @Sendable () -> Int
    ) throws(Failure) -> Bytes {
        let algorithm: CompressionAlgorithm
        switch packing {
        case .none, .text: return packed
        case .gzip: algorithm = .gzip
        case .zstd: algorithm = .zstd
        }
        do throws(CompressionError) {
            return try Decompression.decompress(packed, algorithm, limit: limit, room: room)
        } catch {
            if case .noRoom = error { throw .noRoom }
            throw .fault(ForwardFault(reason: "packed entries: \(error)", offset: 0))
        }
    }
}
