import Foundation
import Testing

/// The formatter of the toolchain has the last word on how code looks.
@Suite struct FormatTests {
    @Test func `swift format has nothing to say`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.currentDirectoryURL = Repository.root
        process.arguments = ["swift", "format", "lint", "--strict"] + Repository.swiftFiles.map { $0.path }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "make format does most of it:\n\(text)")
    }
}
