import NIOCore
import Testing

@testable import Transport

@Suite struct StreamPulseTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func pulse(_ configure: (inout ServerConfiguration) -> Void) -> StreamPulse {
        var configuration = ServerConfiguration(address: .tcp(host: "localhost", port: 0))
        configuration.readHeaderTimeout = nil
        configuration.writeTimeout = nil
        configuration.idleTimeout = nil
        configure(&configuration)
        return StreamPulse(configuration, now: start)
    }

    @Test func `without limits nothing is looked at`() {
        var pulse = pulse { _ in }
        pulse.collected(1, at: start)
        pulse.look(SendingProgress(waiting: 1), at: start)
        #expect(pulse.nextCheck(isBusy: false, after: start) == nil)
        #expect(pulse.due(isBusy: false, at: start + .hours(1)) == nil)
    }

    @Test func `a client has a time to say who it is`() {
        var pulse = pulse { $0.readHeaderTimeout = .seconds(60) }
        #expect(pulse.due(isBusy: false, at: start + .seconds(59)) == nil)
        #expect(pulse.due(isBusy: true, at: start + .seconds(60)) != nil)
        pulse.established(at: start)
        #expect(pulse.due(isBusy: false, at: start + .seconds(60)) == nil)
    }

    @Test func `silence counts inside of a message, and idleness between two`() {
        var pulse = pulse {
            $0.readTimeout = .seconds(10)
            $0.idleTimeout = .seconds(30)
        }
        pulse.heard(at: start + .seconds(5))
        #expect(pulse.due(isBusy: false, at: start + .seconds(34)) == nil)
        #expect(pulse.due(isBusy: false, at: start + .seconds(35)) != nil)
        #expect(pulse.due(isBusy: true, at: start + .seconds(100)) == nil)
        pulse.collected(1, at: start + .seconds(5))
        #expect(pulse.due(isBusy: false, at: start + .seconds(14)) == nil)
        #expect(pulse.due(isBusy: false, at: start + .seconds(15)) != nil)
        pulse.collected(0, at: start + .seconds(15))
        #expect(pulse.due(isBusy: false, at: start + .seconds(16)) == nil)
    }

    @Test func `a message that comes a little at a time comes to an end`() {
        var pulse = pulse { $0.readTimeout = .seconds(10) }
        for second in 0..<10 {
            pulse.heard(at: start + .seconds(Int64(second)))
            pulse.collected(second + 1, at: start + .seconds(Int64(second)))
        }
        #expect(pulse.due(isBusy: false, at: start + .seconds(10)) == nil)
        #expect(pulse.due(isBusy: false, at: start + .milliseconds(10_001)) != nil)
        // A large one has the time that a slow line needs for it.
        pulse.collected(10 << 20, at: start + .seconds(10))
        for second in 10..<169 { pulse.heard(at: start + .seconds(Int64(second))) }
        #expect(pulse.due(isBusy: false, at: start + .seconds(169)) == nil)
        #expect(pulse.due(isBusy: false, at: start + .seconds(171)) != nil)
        // The next one begins anew.
        pulse.collected(0, at: start + .seconds(171))
        pulse.collected(1, at: start + .seconds(171))
        pulse.heard(at: start + .seconds(172))
        #expect(pulse.due(isBusy: false, at: start + .seconds(180)) == nil)
    }

    @Test func `a client has to take something of what is sent to it`() {
        var pulse = pulse { $0.writeTimeout = .seconds(30) }
        pulse.look(SendingProgress(taken: 1, waiting: 100), at: start)
        pulse.look(SendingProgress(taken: 1, waiting: 100), at: start + .seconds(20))
        #expect(pulse.due(isBusy: true, at: start + .seconds(30)) != nil)
        pulse.look(SendingProgress(taken: 2, waiting: 100), at: start + .seconds(30))
        #expect(pulse.due(isBusy: true, at: start + .seconds(59)) == nil)
        pulse.look(SendingProgress(), at: start + .seconds(59))
        #expect(pulse.due(isBusy: true, at: start + .seconds(90)) == nil)
    }

    @Test func `looks are close enough to see a limit that begins later`() {
        let pulse = pulse { $0.idleTimeout = .seconds(30) }
        #expect(pulse.nextCheck(isBusy: false, after: start) == start + .seconds(5))
    }
}
