internal import ArgumentParser
internal import Glibc

/// `apus diagnostics`: everything worth knowing in one file.
struct DiagnosticsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnostics",
        abstract: "Collect everything worth knowing about a running collector, in JSON; secrets are hidden.")

    @OptionGroup var remote: RemoteOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "Where to write it, readable for this user alone; standard output without it.", valueName: "file")
    )
    var file: String?

    func run() async throws {
        try await remote.run { client in
            let answer = try await client.get(AdminPath("/v1/diagnostics"))
            guard let file, file != "-" else { return answer.write() }
            try Self.write(answer.text + "\n", to: file)
            Report.write("written to \(file)\n")
        }
    }

    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw failure(path) }
            sent += count
        }
    }

    private static func failure(_ path: String) -> RemoteFailure {
        .unexpected("'\(path)' cannot be written: \(String(cString: strerror(errno)))")
    }
}
