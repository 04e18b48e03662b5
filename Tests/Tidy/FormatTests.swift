import Foundation
import Testing

/// The formatter of the toolchain has the last word on how code looks.
@Suite struct FormatTests {
    @Test func `swift format has nothing to say`() async throws {
        let report = FileManager.default.temporaryDirectory.appending(path: "format-\(UUID().uuidString).txt")
        #expect(FileManager.default.createFile(atPath: report.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: report) }
        let status = try await run(
            ["swift", "format", "lint", "--strict"] + Repository.swiftFiles.map { $0.path }, to: report)
        let text = try String(contentsOf: report, encoding: .utf8)
        #expect(status == 0, "make format does most of it:\n\(text)")
    }

    /// Runs a command and returns its status; waiting takes no thread away from other tests.
    private func run(_ arguments: [String], to report: URL) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.currentDirectoryURL = Repository.root
        process.arguments = arguments
        let output = try FileHandle(forWritingTo: report)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
