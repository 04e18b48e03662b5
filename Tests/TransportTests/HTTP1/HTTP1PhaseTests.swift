import NIOCore
import Testing

@testable import Transport

@Suite struct HTTP1PhaseTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func phase() -> HTTP1Phase {
        HTTP1Phase(
            rules: .init(header: .seconds(1), read: .seconds(10), idle: .seconds(100), write: .seconds(1000)),
            now: start)
    }

    @Test func `headers, bodies and idle connections have their own limits`() {
        var phase = phase()
        #expect(phase.deadline == start + .seconds(1))
        phase.enter(.body, at: start + .milliseconds(500))
        #expect(phase.deadline == start + .seconds(10))
        phase.enter(.answer, at: start + .seconds(2))
        #expect(phase.deadline == nil)
        phase.enter(.nextRequest, at: start + .seconds(50))
        #expect(phase.deadline == start + .seconds(150))
        phase.enter(.header, at: start + .seconds(60))
        #expect(phase.deadline == start + .seconds(61))
    }

    @Test func `a client that takes nothing has its own limit in every phase`() {
        var phase = phase()
        phase.enter(.answer, at: start)
        phase.writabilityChanged(false, at: start)
        #expect(phase.deadline == start + .seconds(1000))
        phase.writabilityChanged(true, at: start)
        #expect(phase.deadline == nil)
    }

    @Test func `the last answer takes as long as the client takes something of it`() {
        var phase = phase()
        phase.enter(.lastAnswer, at: start)
        #expect(phase.deadline == start + .seconds(1000))
        phase.progressed(at: start + .seconds(900))
        #expect(phase.deadline == start + .seconds(1900))
        phase.enter(.goodbye, at: start + .seconds(901))
        phase.progressed(at: start + .seconds(902))
        #expect(phase.deadline == start + .seconds(903))
    }
}
