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
        phase.look(SendingProgress(taken: 5, waiting: 9), at: start)
        #expect(phase.deadline == start + .seconds(1000))
        phase.look(SendingProgress(taken: 5, waiting: 9), at: start + .seconds(500))
        #expect(phase.deadline == start + .seconds(1000))
        phase.look(SendingProgress(), at: start)
        #expect(phase.deadline == nil)
    }

    @Test func `a client that still reads an answer is neither idle nor late`() {
        var phase = phase()
        phase.enter(.nextRequest, at: start)
        #expect(phase.deadline == start + .seconds(100))
        for seconds in 0..<40 {
            let now = start + .seconds(Int64(90 * seconds))
            phase.look(SendingProgress(taken: UInt64(seconds), waiting: 9), at: now)
            #expect(phase.deadline == now + .seconds(1000))
        }
        // Looks are close enough to see what it takes.
        #expect(phase.nextLook(after: start) <= start + .seconds(250))
        phase.look(SendingProgress(), at: start + .seconds(4000))
        #expect(phase.deadline == start + .seconds(4100))
    }

    @Test func `what is due and excused is looked at again in a moment, and not at once`() {
        let phase = phase()
        #expect(phase.nextLook(after: start) == start + .seconds(1))
        for late in [1, 1000, 60_000] as [Int64] {
            let now = start + .milliseconds(1000 + late)
            #expect(phase.nextLook(after: now) == now + .milliseconds(20))
        }
    }

    @Test func `the last answer takes as long as the client takes something of it`() {
        var phase = phase()
        phase.enter(.lastAnswer, at: start)
        #expect(phase.deadline == start + .seconds(1000))
        phase.progressed(at: start + .seconds(500))
        #expect(phase.deadline == start + .seconds(1500))
        for (seconds, taken) in [(600, 1), (900, 2), (901, 2)] {
            phase.look(
                SendingProgress(taken: UInt64(taken), waiting: 9), at: start + .seconds(Int64(seconds)))
        }
        #expect(phase.deadline == start + .seconds(1900))
        phase.enter(.goodbye, at: start + .seconds(901))
        phase.look(SendingProgress(), at: start + .seconds(901))
        phase.progressed(at: start + .seconds(902))
        #expect(phase.deadline == start + .seconds(903))
    }
}
