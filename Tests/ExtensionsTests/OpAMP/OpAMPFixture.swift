import Extensions
import Foundation
import OpAMP
import Pipeline
import PipelineTesting
import Settings
import Testing

/// One agent and its server.
final class OpAMPFixture: Sendable {
    let home: String
    let collector: FakeCollector
    let harness = Harness()

    init() throws {
        home = "\(NSTemporaryDirectory())apus-opamp-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        collector = FakeCollector(home: home)
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    /// Runs the extension; `capabilities` are added to the defaults.
    func run(
        _ url: String, capabilities: String = "", _ keys: String = "", server: String = "",
        isManaged: Bool = true
    ) async throws -> ExtensionHarness<OpAMPAgent> {
        let scheme = url.hasPrefix("ws") ? "ws" : "http"
        let yaml =
            "{server: {\(scheme): {endpoint: '\(url)', headers: {authorization: Bearer first}\(server)}}, "
            + "capabilities: {\(capabilities)}\(keys.isEmpty ? "" : ", " + keys)}"
        return try await ExtensionHarness(
            OpAMPAgent.self, yaml: yaml, in: harness, managed: isManaged ? collector : nil)
    }

    func file(_ name: String) -> String? {
        try? String(contentsOfFile: "\(home)/opamp/\(name)", encoding: .utf8)
    }

    /// The names of the files that the agent keeps.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(home)/opamp")) ?? []).sorted()
    }

    /// Whether the agent has complained about its connection.
    var hasComplained: Bool { harness.log.lines.contains { $0.message.contains("no connection") } }

    /// Waits until something is so that nobody tells of.
    func eventually(_ condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            await Task.yield()
        }
        return true
    }

    /// Lets time pass for the agent.
    func pass(_ duration: Duration) async {
        await harness.clock.waitForSleepers()
        harness.clock.advance(by: duration)
    }

    /// Waits until the agent has seen the answer to its first message.
    func established() async { #expect(await eventually { !collector.reached.isEmpty }) }
}

extension AgentDescription {
    func text(_ key: String) -> String? {
        let all = identifyingAttributes + nonIdentifyingAttributes
        guard case .string(let text)? = all.first(where: { $0.key == key })?.value else { return nil }
        return text
    }
}

extension CustomMessage {
    /// A message with a body of JSON.
    init(_ capability: String, _ type: String, json: String) {
        self.init(capability: capability, type: type, data: Array(json.utf8))
    }

    var tree: Tree? {
        try? Tree(
            json: String(decoding: data, as: UTF8.self), source: ConfigurationSource(.inline, "message"))
    }
}
