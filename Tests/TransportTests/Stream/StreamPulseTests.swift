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
        let pulse = pulse { _ in }
        #expect(pulse.nextCheck(isInside: true, isBusy: false, after: start) == nil)
        #expect(pulse.due(isInside: true, isBusy: false, at: start + .hours(1)) == nil)
    }

    @Test func `a client has a time to say who it is`() {
        var pulse = pulse { $0.readHeaderTimeout = .seconds(60) }
        #expect(pulse.due(isInside: false, isBusy: false, at: start + .seconds(59)) == nil)
        #expect(pulse.due(isInside: false, isBusy: true, at: start + .seconds(60)) != nil)
        pulse.established(at: start)
        #expect(pulse.due(isInside: false, isBusy: false, at: start + .seconds(60)) == nil)
    }

    @Test func `silence counts inside of a message, and idleness between two`() {
        var pulse = pulse {
            $0.readTimeout = .seconds(10)
            $0.idleTimeout = .seconds(30)
        }
        pulse.heard(at: start + .seconds(5))
        #expect(pulse.due(isInside: true, isBusy: false, at: start + .seconds(14)) == nil)
        #expect(pulse.due(isInside: true, isBusy: false, at: start + .seconds(15)) != nil)
        #expect(pulse.due(isInside: false, isBusy: false, at: start + .seconds(34)) == nil)
        #expect(pulse.due(isInside: false, isBusy: false, at: start + .seconds(35)) != nil)
        #expect(pulse.due(isInside: false, isBusy: true, at: start + .seconds(100)) == nil)
    }

    @Test func `a client has to take what is sent to it`() {
        var pulse = pulse { $0.writeTimeout = .seconds(30) }
        pulse.writabilityChanged(false, at: start)
        pulse.writabilityChanged(false, at: start + .seconds(20))
        #expect(pulse.due(isInside: false, isBusy: true, at: start + .seconds(30)) != nil)
        pulse.writabilityChanged(true, at: start + .seconds(30))
        #expect(pulse.due(isInside: false, isBusy: true, at: start + .seconds(90)) == nil)
    }

    @Test func `looks are close enough to see a limit that begins later`() {
        let pulse = pulse { $0.idleTimeout = .seconds(30) }
        #expect(
            pulse.nextCheck(isInside: false, isBusy: false, after: start) == start + .seconds(5))
    }
}
