internal import Compression
internal import Wire

/// The length-prefixed messages of gRPC (gRPC over HTTP/2, "Length-Prefixed-Message").
enum GRPCFraming {
    /// The flag byte and the four bytes of the length.
    static let prefixLength = 5
    /// What `grpc-accept-encoding` says.
    static let acceptedEncodings = "identity,gzip,deflate,zstd,snappy"
    /// An empty message with its prefix.
    static let emptyMessage = Bytes([0, 0, 0, 0, 0])

    /// Takes the one message of a unary call out of a body.
    ///
    /// - Throws: the status to answer with when there is not exactly one message, or when it cannot be
    ///   decompressed within `limit` bytes or within the `room` there is in memory.
    static func message(
        in body: Bytes, encoding: () -> String?, limit: Int, room: @escaping @Sendable () -> Int = { .max }
    ) throws(GRPCStatus) -> Bytes {
        guard !body.isEmpty else { throw GRPCStatus(.internal, "the call ended without a message") }
        guard body.count >= prefixLength else { throw incomplete(body.count, of: prefixLength) }
        let length = body.withUnsafeBytes { bytes in
            Int(bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self).bigEndian)
        }
        guard length <= limit else { throw tooLarge(limit: limit) }
        let end = prefixLength + length
        guard body.count >= end else { throw incomplete(body.count - prefixLength, of: length) }
        guard body.count == end else {
            throw GRPCStatus(.internal, "there is more than one message in a unary call")
        }
        let message = body[prefixLength..<end]
        switch body[0] {
        case 0: return message
        case 1: return try decompress(message, encoding: encoding(), limit: limit, room: room)
        case let flag:
            throw GRPCStatus(.internal, "the message's compression flag is \(flag); it has to be 0 or 1")
        }
    }

    /// A message with its prefix, not compressed.
    static func frame(_ message: Bytes) -> Bytes {
        if message.isEmpty { return emptyMessage }
        var builder = BytesBuilder(capacity: prefixLength + message.count)
        builder.append(0)
        withUnsafeBytes(of: UInt32(clamping: message.count).bigEndian) { builder.append($0) }
        builder.append(message)
        return builder.finish()
    }

    /// The status when there is no memory for a message now; the same message may be taken later.
    static var noMemory: GRPCStatus {
        GRPCStatus(
            .unavailable, "the server has no memory for the message now",
            details: [.retryInfo(delay: .seconds(1))])
    }

    /// The status for messages over the limit.
    ///
    /// It has no `RetryInfo`: the same message will not get smaller.
    static func tooLarge(limit: Int) -> GRPCStatus {
        GRPCStatus(.resourceExhausted, "the message is larger than \(limit) bytes; send smaller batches")
    }

    private static func decompress(
        _ message: Bytes, encoding: String?, limit: Int, room: @escaping @Sendable () -> Int
    ) throws(GRPCStatus) -> Bytes {
        guard let encoding, encoding != "identity" else {
            throw GRPCStatus(.internal, "the message is flagged as compressed but grpc-encoding says not how")
        }
        guard let algorithm = algorithm(named: encoding) else {
            throw GRPCStatus(
                .unimplemented, "the encoding \"\(encoding)\" is not known; use one of \(acceptedEncodings)")
        }
        do throws(CompressionError) {
            return try Decompression.decompress(message, algorithm, limit: limit, room: room)
        } catch .noRoom {
            throw noMemory
        } catch .tooLarge {
            throw GRPCStatus(
                .resourceExhausted,
                "the message is larger than \(limit) bytes when decompressed; send smaller batches")
        } catch {
            throw GRPCStatus(.internal, "cannot decompress the message (\(encoding)): \(error)")
        }
    }

    private static func algorithm(named name: String) -> CompressionAlgorithm? {
        switch name {
        case "gzip": .gzip
        case "deflate": .deflate
        case "zstd": .zstd
        case "snappy": .snappy
        default: nil
        }
    }

    private static func incomplete(_ count: Int, of expected: Int) -> GRPCStatus {
        GRPCStatus(.internal, "the message is incomplete: \(count) of \(expected) bytes arrived")
    }
}
