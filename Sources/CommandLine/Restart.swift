internal import Delivery
internal import Glibc
internal import Logging

/// Begins the program anew in the same process, with the same arguments and environment.
///
/// The process keeps its number, so whoever supervises it notices nothing; a program that was replaced on the
/// disk meanwhile is the new one.
enum Restart {
    /// Returns only when that does not work; the supervisor's turn is next then.
    static func perform(_ logger: Logger) {
        logger.notice("beginning anew")
        closeEverything()
        let arguments = Swift.CommandLine.arguments.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        for path in [ownPath, "/proc/self/exe"].compactMap({ $0 }) { execv(path, arguments) }
        logger.critical(
            "the program cannot be begun anew; a supervisor has to do that",
            metadata: ["error": "\(String(cString: strerror(errno)))"])
    }

    /// Lets nothing that is open go on into the next program, but input, output and errors.
    private static func closeEverything() {
        for name in (try? Directory.names(in: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// Where the program is now, also when its file is another one than that which runs.
    private static var ownPath: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return nil }
        let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }
}
