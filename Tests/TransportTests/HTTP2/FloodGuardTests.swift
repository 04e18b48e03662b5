import Testing

@testable import Transport

@Suite struct FloodGuardTests {
    @Test func `an allowance is used up and fills again with time, up to its burst`() {
        var allowance = FloodGuard.Allowance(burst: 3, perSecond: 1)
        #expect((0..<4).map { _ in allowance.use(second: 10) } == [true, true, true, false])
        #expect((0..<2).map { _ in allowance.use(second: 11) } == [true, false])
        #expect((0..<4).map { _ in allowance.use(second: 1000) } == [true, true, true, false])
    }

    @Test func `a clock that stands still or goes back gives nothing`() {
        var allowance = FloodGuard.Allowance(burst: 1, perSecond: 100)
        #expect(allowance.use(second: 5) == true)
        #expect(allowance.use(second: 5) == false)
        #expect(allowance.use(second: 4) == false)
    }
}
