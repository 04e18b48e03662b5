import Connectors
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@Suite struct ForwardConnectorTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(ForwardConnector.self)
    }

    @Test(arguments: Signal.allCases)
    func `what comes in goes out, to the pipelines of its signal only`(signal: Signal) async throws {
        let harness = try await ConnectorHarness(ForwardConnector.self)
        _ = try await harness.send(Samples.batch(signal))
        for other in Signal.allCases { #expect(harness.sink(other).itemCount == (other == signal ? 3 : 0)) }
    }

    @Test func `the answer of the pipelines behind is its own`() async throws {
        let harness = try await ConnectorHarness(ForwardConnector.self)
        harness.sink(.logs).refuse(with: .never(reason: "no"))
        await #expect(throws: Rejection.never(reason: "no")) { try await harness.send(Samples.batch(.logs)) }
        harness.sink(.logs).hold()
        let receipt = try await harness.send(Samples.batch(.logs))
        guard case .pending(let pending) = receipt else {
            Issue.record("the answer did not wait")
            return
        }
        #expect(!pending.isResolved)
        harness.sink(.logs).answer()
        try await pending.wait()
    }
}
