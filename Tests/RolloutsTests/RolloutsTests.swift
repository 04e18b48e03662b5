import Testing

@testable import Rollouts

@Suite struct RolloutsTests {
    @Test func `the module is there`() { #expect(Bool(true)) }
}
