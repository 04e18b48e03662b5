import Foundation
import Testing

/// The formatter of the toolchain has the last word on how code looks.
@Suite struct FormatTests {
    @Test func `swift format has nothing to say`() async throws {
        let (status, text) = await Self.run(
            ["swift", "format", "lint", "--strict"] + Repository.swiftFiles.map { $0.path })
        #expect(status == 0, "make format does most of it:\n\(text)")
    }

    /// Runs a command in the repository; waiting takes no thread away from other tests.
    ///
    /// Not by Foundation's `Process`, which reads beyond the entries of /proc/self/fd and may crash by that.
    private static func run(_ arguments: [String]) async -> (status: Int32, output: String) {
        let words = arguments.map(quoted).joined(separator: " ")
        let command = "cd \(quoted(Repository.root.path)) && \(words)"
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                guard let stream = popen(command + " 2>&1", "re") else {
                    return continuation.resume(returning: (-1, "cannot start a shell"))
                }
                var output: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 {
                    output += buffer[..<count]
                }
                continuation.resume(returning: (pclose(stream), String(decoding: output, as: UTF8.self)))
            }
        }
    }

    private static func quoted(_ argument: String) -> String {
        "'" + argument.replacing("'", with: "'\\''") + "'"
    }
}
