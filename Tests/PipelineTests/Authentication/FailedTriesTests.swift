import Pipeline
import PipelineTesting
import Testing

@Suite struct FailedTriesTests {
    private let clock = ManualClock()

    @Test func `ten tries at once, then one every six seconds`() {
        let tries = FailedTries(clock: clock)
        for port in 0..<10 { #expect(tries.note("10.0.0.1:\(port)") == nil) }
        #expect(tries.note("10.0.0.1:99") == .seconds(6))
        clock.advance(by: .seconds(4))
        #expect(tries.note("10.0.0.1:99").map { Int(($0 / .milliseconds(1)).rounded()) } == 2000)
        clock.advance(by: .seconds(2))
        #expect(tries.note("10.0.0.1:1") == nil)
        #expect(tries.note("10.0.0.1:1") == .seconds(6))
        clock.advance(by: .seconds(3600))
        for port in 0..<10 { #expect(tries.note("10.0.0.1:\(port)") == nil) }
    }

    @Test(arguments: ["10.0.0.2:1", "[::1]:1", "user 1000", "fd00::1"])
    func `only the address that guesses is slowed down`(other: String) {
        let tries = FailedTries(clock: clock)
        for _ in 0..<20 { _ = tries.note("10.0.0.1:1") }
        #expect(tries.note(other) == nil)
    }

    @Test func `more addresses than are remembered make nobody slow who has not tried`() {
        let tries = FailedTries(clock: clock)
        for _ in 0..<20 { _ = tries.note("10.0.0.1:1") }
        for number in 0..<(2 * FailedTries.addressLimit) {
            #expect(tries.note("10.1.\(number / 256).\(number % 256):1") == nil)
        }
        // Those with single tries were forgotten, who guesses was not.
        #expect(tries.note("10.0.0.1:1") == .seconds(6))
    }

    @Test(arguments: [
        ("[fd00:0:0:1::1]:80", "[fd00:0:0:1:ffff::2]:99"), ("fd00::1", "[fd00::2]:1"),
        ("[::ffff:10.0.0.1]:1", "10.0.0.1:2"),
    ])
    func `a network of IPv6 counts as one address`(first: String, second: String) {
        let tries = FailedTries(clock: clock)
        for _ in 0..<10 { #expect(tries.note(first) == nil) }
        #expect(tries.note(second) == .seconds(6))
        #expect(tries.note("[fd00:0:0:2::1]:80") == nil && tries.note("[::ffff:10.0.0.2]:1") == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:4320", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("[::1]:4320", "[::1]"),
        ("[::1]", "[::1]"),
        ("fd00::1", "fd00::1"), ("user 1000", "user 1000"), ("", ""), ("[", "["),
    ])
    func `ports do not count`(address: String, host: String) {
        #expect(FailedTries.host(of: address) == host)
    }
}
