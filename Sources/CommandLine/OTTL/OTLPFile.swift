internal import ArgumentParser
internal import Glibc
internal import Telemetry
internal import Wire

/// A file with OTLP/JSON.
enum OTLPFile {
    /// Bytes that are read at most: 64 MiB.
    private static let limit = 64 << 20

    /// Reads the file; `-` is standard input.
    static func read(_ path: String) throws -> Bytes {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("'\(path)' cannot be read: \(reason)") }
        defer { if path != "-" { Glibc.close(descriptor) } }
        var builder = BytesBuilder(capacity: 64 << 10)
        var count = 1
        while count > 0 {
            builder.appendInPlace(minimum: 64 << 10) { room in
                count = Glibc.read(descriptor, room.baseAddress, room.count)
                return max(count, 0)
            }
            guard count >= 0 else { throw failure("'\(path)' cannot be read: \(reason)") }
            guard builder.count <= limit else { throw failure("'\(path)' is larger than \(limit >> 20) MiB") }
        }
        return builder.finish()
    }

    /// The signals whose key is in the text.
    static func signals(in text: Bytes) -> [Signal] {
        let text = text.string
        return [(Signal.traces, "resourceSpans"), (.metrics, "resourceMetrics"), (.logs, "resourceLogs")]
            .filter { text.contains("\"\($0.1)\"") }.map { $0.0 }
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private static func failure(_ message: String) -> ExitCode {
        Report.write("error: \(message)\n")
        return ExitCode(ExitCodes.failure)
    }
}
