import Testing

@testable import FleetAPI

@Suite struct FleetAPITests {
    @Test func `the module is there`() { #expect(Bool(true)) }
}
