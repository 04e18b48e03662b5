import NIOCore
import Testing

@testable import Transport

@Suite struct WebSocketPulseTests {
    private let rules = WebSocketPulse.Rules(WebSocketLimits())
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    @Test func `silence leads to one ping, and silence after it to the end`() {
        var pulse = WebSocketPulse(now: start)
        #expect(pulse.step(rules, at: at(44)) == .nothing)
        #expect(pulse.step(rules, at: at(45)) == .ping)
        #expect(pulse.step(rules, at: at(59)) == .nothing)
        #expect(pulse.step(rules, at: at(60)) == .giveUp("it does not answer"))
    }

    @Test func `whatever is heard counts as an answer`() {
        var pulse = WebSocketPulse(now: start)
        #expect(pulse.step(rules, at: at(50)) == .ping)
        pulse.heard(isInsideMessage: false, at: at(60))
        #expect(pulse.step(rules, at: at(104)) == .nothing)
        #expect(pulse.step(rules, at: at(105)) == .ping)
    }

    @Test func `a message has to come to its end`() {
        var pulse = WebSocketPulse(now: start)
        for second in 0..<60 {
            pulse.heard(isInsideMessage: true, at: at(Int64(second)))
            #expect(pulse.step(rules, at: at(Int64(second))) == .nothing)
        }
        #expect(pulse.step(rules, at: at(60)) == .giveUp("a message does not come to its end"))
        pulse.heard(isInsideMessage: false, at: at(60))
        #expect(pulse.step(rules, at: at(60)) == .nothing)
    }

    @Test func `who takes nothing is given up, who takes a little is not`() {
        var pulse = WebSocketPulse(now: start)
        pulse.blocked(at: at(0))
        pulse.blocked(at: at(20))
        #expect(pulse.step(rules, at: at(29)) == .nothing)
        pulse.wrote(isBlocked: true, at: at(29))
        #expect(pulse.step(rules, at: at(44)) == .nothing)
        pulse.heard(isInsideMessage: false, at: at(44))
        #expect(pulse.step(rules, at: at(59)) == .giveUp("it does not read"))
        pulse.wrote(isBlocked: false, at: at(59))
        #expect(pulse.step(rules, at: at(60)) == .nothing)
    }

    @Test func `a goodbye is waited for, and nothing else`() {
        var pulse = WebSocketPulse(now: start)
        pulse.closing(at: at(100))
        #expect(pulse.step(rules, at: at(104)) == .nothing)
        #expect(pulse.step(rules, at: at(105)) == .giveUp("it does not say goodbye"))
    }
}
