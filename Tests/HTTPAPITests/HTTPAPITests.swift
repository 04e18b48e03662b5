import Testing

@testable import HTTPAPI

@Suite struct HTTPAPITests {
    @Test func `the module is there`() { #expect(Bool(true)) }
}
