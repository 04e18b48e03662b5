import Engine
import Foundation
import Logging
import Settings
import Testing

/// Every example under `config` can be used as it is.
///
/// That of the fleet manager is not for a collector; `Tests/Interop` starts a manager with it.
@Suite struct ExamplesTests {
    static let examples = ((try? Repository.files(in: "config")) ?? []).filter {
        $0.hasSuffix(".yaml") && $0 != "fleet.yaml"
    }

    @Test func `there are examples`() { #expect(Self.examples.count >= 3) }

    @Test(arguments: examples)
    func `an example is valid and its graph can be built`(example: String) async throws {
        let path = Repository.root.appending(path: "config/\(example)").path()
        let environment = EnvironmentProvider([:])
        let loaded = await ConfigurationLoader.load(
            sources: [path], providers: [environment, FileProvider(), YAMLProvider()])
        let tree = try #require(loaded.tree, "\(loaded.diagnostics)")
        let decoded = ConfigurationDecoder(catalog: Repository.catalog).decode(tree)
        let configuration = try #require(decoded.configuration, "\(decoded.diagnostics)")
        let collector = Collector(log: LogOutput(level: .critical), threads: 1, version: "test")
        try await collector.probe(configuration)
        _ = await collector.stop()
    }
}
