import Exporters
import PipelineTesting
import Testing

@Suite struct NopExporterTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(NopExporter.self)
    }
}
