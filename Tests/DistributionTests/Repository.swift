import Connectors
import Engine
import Exporters
import Extensions
import Foundation
import Pipeline
import Processors
import Receivers
import Testing

/// The files of the repository and the components of the standard distribution.
enum Repository {
    static let catalog = ComponentCatalog(
        receivers: standardReceivers, processors: standardProcessors, exporters: standardExporters,
        connectors: standardConnectors, extensions: standardExtensions)

    /// The folder that holds `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path()).sorted()
    }
}
