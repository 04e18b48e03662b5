import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing

@Suite struct NopReceiverTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(NopReceiver.self)
    }

    @Test func `it runs until it is asked to stop, and brings nothing`() async throws {
        let harness = try await ReceiverHarness(NopReceiver.self)
        try await harness.stop()
        #expect(harness.sink(.traces).batches.isEmpty)
    }
}
