import Testing

@testable import Fleet

@Suite struct FleetTests {
    @Test func `the module is there`() { #expect(Bool(true)) }
}
