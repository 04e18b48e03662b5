import Foundation
import Settings

@testable import Control

/// A tree from YAML, as a request brings it.
func tree(_ yaml: String) throws -> Tree {
    try Tree(yaml: yaml, source: ConfigurationSource(.inline, "request"))
}

/// A directory of its own for each test, gone when the test is over.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())apus-control-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }
}
