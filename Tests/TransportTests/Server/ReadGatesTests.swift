import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct ReadGatesTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func makeGate() -> ReadGate {
        let context = ServerContext(
            configuration: ServerConfiguration(address: .tcp(host: "localhost", port: 0)),
            application: TestApplication(), logger: Logger(label: "test"), statistics: ServerStatistics())
        let lane = ServerLane(index: 0, loop: EmbeddedEventLoop(), context: context)
        return ReadGate(lane: lane, memory: FakeServerMemory())
    }

    @Test func `the first that is held makes the lane look, and all are opened together`() {
        var gates = ReadGates()
        var isFirst = [gates.hold(makeGate(), at: start), gates.hold(makeGate(), at: start)]
        let steps = [
            gates.check(allowsReading: false, at: start + .milliseconds(20)),
            gates.check(allowsReading: true, at: start + .milliseconds(40)),
        ]
        #expect(steps == [.wait, .open])
        let opened = gates.takeAll().count
        #expect(opened == 2)
        let after = gates.check(allowsReading: false, at: start + .milliseconds(60))
        #expect(after == .done)
        isFirst.append(gates.hold(makeGate(), at: start + .seconds(1)))
        #expect(isFirst == [true, false, true])
    }

    @Test func `patience with incomplete bodies ends again and again`() {
        var gates = ReadGates()
        _ = gates.hold(makeGate(), at: start)
        let steps = stride(from: 1, through: 11, by: 1).map {
            gates.check(allowsReading: false, at: start + .seconds($0))
        }
        #expect(steps.indices.filter { steps[$0] == .refuseArriving } == [4, 9])
    }

    @Test func `silence is excused while nobody listens and for a moment after`() {
        var gates = ReadGates()
        #expect(!gates.excusesSilence(at: start))
        _ = gates.hold(makeGate(), at: start)
        #expect(gates.excusesSilence(at: start + .hours(1)))
        _ = gates.check(allowsReading: true, at: start + .hours(1))
        _ = gates.takeAll()
        #expect(gates.excusesSilence(at: start + .hours(1) + .milliseconds(900)))
        #expect(!gates.excusesSilence(at: start + .hours(1) + .seconds(1)))
    }
}
