import Testing

@testable import FleetStore

@Suite struct FleetStoreTests {
    @Test func `the module is there`() { #expect(Bool(true)) }
}
