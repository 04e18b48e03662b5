import NIOCore
import Testing

@testable import Transport

@Suite struct ConnectionKeeperTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func rules() -> ConnectionKeeper.Rules {
        ConnectionKeeper.Rules(
            idle: nil, age: nil, ageGrace: nil, pingAfter: .hours(2), pingTimeout: .seconds(20),
            pingMinTime: .minutes(5), permitsPingWithoutStream: false, firstRequest: nil, read: nil,
            write: nil)
    }

    private func keeper(_ change: (inout ConnectionKeeper.Rules) -> Void) -> ConnectionKeeper {
        var rules = rules()
        change(&rules)
        return ConnectionKeeper(rules: rules, jitter: 0, now: start)
    }

    @Test func `an idle connection is drained and a busy one is not`() {
        var keeper = keeper { $0.idle = .seconds(10) }
        keeper.requestsChanged(open: 1, at: start)
        #expect(keeper.check(openRequests: 1, oldestRequest: nil, at: start + .seconds(60)) == .none)
        keeper.requestsChanged(open: 0, at: start + .seconds(60))
        #expect(keeper.check(openRequests: 0, oldestRequest: nil, at: start + .seconds(69)) == .none)
        let action = keeper.check(openRequests: 0, oldestRequest: nil, at: start + .seconds(70))
        #expect(action == .drain(reason: "max_idle"))
    }

    @Test func `an old connection is drained, and closed when its grace is over`() {
        var keeper = keeper {
            $0.age = .seconds(100)
            $0.ageGrace = .seconds(30)
        }
        keeper.requestsChanged(open: 1, at: start)
        let later = start + .seconds(100)
        #expect(keeper.check(openRequests: 1, oldestRequest: nil, at: later) == .drain(reason: "max_age"))
        keeper.drainBegan(at: later)
        #expect(keeper.check(openRequests: 1, oldestRequest: nil, at: later + .seconds(29)) == .none)
        guard case .close = keeper.check(openRequests: 1, oldestRequest: nil, at: later + .seconds(30)) else {
            Issue.record("still open after its grace")
            return
        }
    }

    @Test func `jitter makes a connection older`() {
        var rules = rules()
        rules.age = .seconds(100)
        var keeper = ConnectionKeeper(rules: rules, jitter: 0.1, now: start)
        #expect(keeper.check(openRequests: 1, oldestRequest: nil, at: start + .seconds(109)) == .none)
        #expect(keeper.check(openRequests: 1, oldestRequest: nil, at: start + .seconds(110)) != .none)
    }

    @Test func `a silent client is pinged once, and given up without an answer`() {
        var keeper = keeper { $0.pingAfter = .seconds(10) }
        let silent = start + .seconds(10)
        #expect(keeper.check(openRequests: 0, oldestRequest: nil, at: silent) == .ping)
        #expect(keeper.check(openRequests: 0, oldestRequest: nil, at: silent + .seconds(1)) == .none)
        guard case .close = keeper.check(openRequests: 0, oldestRequest: nil, at: silent + .seconds(20))
        else {
            Issue.record("a dead client is kept")
            return
        }
    }

    @Test func `an answered ping keeps the connection`() {
        var keeper = keeper { $0.pingAfter = .seconds(10) }
        #expect(keeper.check(openRequests: 0, oldestRequest: nil, at: start + .seconds(10)) == .ping)
        keeper.heard(at: start + .seconds(11))
        #expect(keeper.check(openRequests: 0, oldestRequest: nil, at: start + .seconds(20)) == .none)
        #expect(keeper.check(openRequests: 0, oldestRequest: nil, at: start + .seconds(21)) == .ping)
    }

    @Test func `a client that pings too often has to go after its second warning`() {
        var keeper = keeper { _ in }
        let allowed = (0..<4).map { second in
            keeper.allowsPing(hasRequests: true, at: start + .seconds(Int64(second)))
        }
        #expect(allowed == [true, true, true, false])
    }

    @Test func `answers forgive pings`() {
        var keeper = keeper { _ in }
        for second in 0..<20 {
            keeper.answered()
            #expect(keeper.allowsPing(hasRequests: true, at: start + .seconds(Int64(second))) == true)
        }
    }

    @Test func `pings in the time that is allowed are no offence`() {
        var keeper = keeper { $0.permitsPingWithoutStream = true }
        for count in 0..<20 {
            #expect(keeper.allowsPing(hasRequests: false, at: start + .minutes(5 * Int64(count))) == true)
        }
    }

    @Test func `a client that takes nothing is given up`() {
        var keeper = keeper { $0.write = .seconds(30) }
        for seconds in [0, 20] {
            keeper.look(SendingProgress(taken: 7, waiting: 9), at: start + .seconds(Int64(seconds)))
        }
        guard case .close = keeper.check(openRequests: 1, oldestRequest: nil, at: start + .seconds(30)) else {
            Issue.record("a client that takes nothing is kept")
            return
        }
        var other = self.keeper { $0.write = .seconds(30) }
        other.look(SendingProgress(taken: 7, waiting: 9), at: start)
        other.look(SendingProgress(), at: start + .seconds(1))
        #expect(other.check(openRequests: 1, oldestRequest: nil, at: start + .seconds(60)) == .none)
        for seconds in 60..<160 {
            let now = start + .seconds(Int64(20 * seconds))
            other.look(SendingProgress(taken: UInt64(seconds), waiting: 9), at: now)
            #expect(other.check(openRequests: 1, oldestRequest: nil, at: now) == .none)
        }
    }

    @Test func `a request that does not arrive is given up`() {
        var keeper = keeper { $0.read = .seconds(5) }
        #expect(keeper.check(openRequests: 1, oldestRequest: start, at: start + .seconds(4)) == .none)
        let action = keeper.check(openRequests: 1, oldestRequest: start, at: start + .seconds(5))
        #expect(action == .resetSlowRequests)
    }

    @Test func `the next check is never later than what may begin to be due`() {
        let keeper = keeper { $0.idle = .seconds(7) }
        #expect(keeper.nextCheck(oldestRequest: nil, after: start) <= start + .seconds(7))
    }
}
