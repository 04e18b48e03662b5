import Testing

@testable import FleetEndpoint

@Suite struct FleetEndpointTests {
    @Test func `the module is there`() { #expect(Bool(true)) }
}
