internal import Compression
internal import Pipeline
internal import Telemetry
internal import Wire

/// How a batch becomes a message in a file.
///
/// JSON without compression is a line; everything else is the message with its length in front of it, as four
/// bytes with the most significant first.
struct FileEncoding: Sendable {
    private let format: FileExporter.Format
    private let compressor: Compressor?

    init(_ configuration: FileExporter.Configuration) throws(ComponentError) {
        format = configuration.format
        switch configuration.compression {
        case .none: compressor = nil
        case .zstd:
            do {
                compressor = try Compressor(.zstd, level: configuration.compressionParams.level)
            } catch {
                throw ComponentError("cannot compress: \(error)", key: "compression")
            }
        }
    }

    /// The pieces of the message, to be written one after another.
    func record(_ batch: Batch) throws(ExportFailure) -> [Bytes] {
        var parts = format == .json ? [OTLPJSON.write(batch)] : batch.chunks.map { $0.bytes }
        if let compressor {
            do {
                parts = [try compressor.compress(parts)]
            } catch {
                throw .permanent(reason: "cannot compress a message: \(error)")
            }
        } else if format == .json {
            return parts + [Self.lineEnd]
        }
        let length = parts.reduce(0) { $0 + $1.count }
        guard let prefix = UInt32(exactly: length) else {
            throw .permanent(reason: "a message of \(length) bytes is too large for the file format")
        }
        return [Bytes((0..<4).map { UInt8(truncatingIfNeeded: prefix >> (24 - 8 * $0)) })] + parts
    }

    private static let lineEnd = Bytes(utf8: "\n")
}
