import Logging
import Pipeline
import PipelineTesting
import Testing

@testable import Engine

@Suite struct StatusBoardTests {
    private let clock = ManualClock()
    private let events: EventLog
    private let board: StatusBoard
    private let id = ComponentID(type: "otlp", name: "backend")

    init() {
        events = EventLog(clock: clock)
        board = StatusBoard(
            logger: LogOutput(level: .critical).logger(), clock: clock, events: events)
    }

    private var status: ComponentStatus? { board.all.first?.status }

    @Test func `a component has its status since the moment it got it`() {
        #expect(board.register(.exporter, id) == 1)
        clock.advance(by: .seconds(3))
        board.report(.ok, .exporter, id, instance: 1)
        clock.advance(by: .seconds(4))
        board.report(.recoverableError("no answer"), .exporter, id, instance: 1)
        let health = board.all.first
        #expect(health?.status == .recoverableError("no answer"))
        #expect(health?.since == 1_700_000_007_000_000_000)
        #expect(
            board.history(.exporter, id) == [
                StatusChange(time: 1_700_000_000_000_000_000, status: .starting),
                StatusChange(time: 1_700_000_003_000_000_000, status: .ok),
            ])
    }

    @Test func `the history is bounded`() {
        board.register(.exporter, id)
        for number in 0..<100 {
            board.report(number % 2 == 0 ? .ok : .recoverableError("\(number)"), .exporter, id)
        }
        let history = board.history(.exporter, id)
        #expect(history.count == StatusBoard.historyLength)
        #expect(history.last?.status == .ok)
    }

    @Test func `a change is an event and a repetition is none`() {
        board.register(.exporter, id)
        board.report(.ok, .exporter, id)
        board.report(.ok, .exporter, id)
        board.report(.recoverableError("one"), .exporter, id)
        board.report(.recoverableError("two"), .exporter, id)
        #expect(events.events.map { $0.details["status"] } == ["StatusOK", "StatusRecoverableError"])
        #expect(events.events.last?.subject == "exporter/otlp/backend")
        #expect(events.events.last?.details["error"] == "one")
        #expect(status == .recoverableError("two"), "the message is the latest one")
    }

    @Test func `a component that cannot decide does not flood the event log`() {
        board.register(.exporter, id)
        for _ in 0..<500 {
            board.report(.ok, .exporter, id)
            board.report(.recoverableError("no answer"), .exporter, id)
        }
        #expect(events.events.count == StatusRecord.eventBurst)
        board.report(.ok, .exporter, id)
        board.settle()
        #expect(events.events.count == StatusRecord.eventBurst, "it has not calmed down yet")
        clock.advance(by: StatusRecord.eventInterval)
        board.settle()
        board.settle()
        #expect(events.events.count == StatusRecord.eventBurst + 1)
        #expect(events.events.last?.details["status"] == "StatusOK")
    }

    @Test func `what an instance says after it got a successor changes nothing`() {
        #expect(board.register(.exporter, id) == 1)
        board.report(.ok, .exporter, id, instance: 1)
        #expect(board.register(.exporter, id) == 2)
        board.report(.ok, .exporter, id, instance: 2)
        let before = events.events.count
        board.report(.recoverableError("draining"), .exporter, id, instance: 1)
        board.report(.fatalError("draining"), .exporter, id, instance: 1)
        #expect(status == .ok)
        #expect(board.all.map { $0.instance } == [2])
        #expect(events.events.count == before)
    }

    @Test func `while an instance starts the one before it is shown`() {
        board.register(.receiver, id)
        board.report(.ok, .receiver, id, instance: 1)
        let second = board.register(.receiver, id)
        #expect(status == .ok)
        board.report(.recoverableError("slow"), .receiver, id, instance: 1)
        #expect(status == .recoverableError("slow"))
        board.report(.ok, .receiver, id, instance: second)
        #expect(board.all.map { $0.instance } == [second])
        #expect(status == .ok)
    }

    @Test func `an instance that could not start leaves no trace beside one that runs`() {
        board.register(.receiver, id)
        board.report(.ok, .receiver, id, instance: 1)
        let second = board.register(.receiver, id)
        board.report(.fatalError("the port is taken"), .receiver, id, instance: second)
        #expect(status == .ok)
        board.remove(.receiver, id, instance: second)
        #expect(status == .ok)
        #expect(events.events.map { $0.details["status"] } == ["StatusOK"])
        #expect(board.register(.receiver, id) == 3, "a number is never used again")
    }

    @Test func `an instance that could not start shows why when there is no other`() {
        board.register(.receiver, id)
        board.report(.permanentError("the port is taken"), .receiver, id, instance: 1)
        #expect(status == .permanentError("the port is taken"))
    }

    @Test func `the instance before is shown again when the newest is taken away`() {
        board.register(.receiver, id)
        board.report(.ok, .receiver, id, instance: 1)
        let second = board.register(.receiver, id)
        board.report(.recoverableError("slow"), .receiver, id, instance: second)
        #expect(status == .recoverableError("slow"))
        board.remove(.receiver, id, instance: second)
        #expect(status == .ok)
        #expect(
            events.events.map { $0.details["status"] }
                == ["StatusOK", "StatusRecoverableError", "StatusOK"])
    }

    @Test func `an instance that was only built leaves no trace`() {
        board.register(.receiver, id)
        board.report(.ok, .receiver, id, instance: 1)
        board.remove(.receiver, id, instance: board.register(.receiver, id))
        #expect(board.all.map { $0.instance } == [1])
        #expect(events.events.count == 1)
    }

    @Test func `an instance that has ended is forgotten when it has a successor`() {
        board.register(.exporter, id)
        board.report(.ok, .exporter, id, instance: 1)
        board.register(.exporter, id)
        board.report(.ok, .exporter, id, instance: 2)
        board.report(.stopping, .exporter, id, instance: 1)
        board.report(.stopped, .exporter, id, instance: 1)
        board.remove(.exporter, id, instance: 2)
        #expect(board.all.isEmpty)
    }

    @Test func `a component that nobody registered has no status`() {
        board.report(.ok, .exporter, id)
        board.report(.ok, .exporter, id, instance: 7)
        #expect(board.all.isEmpty)
    }

    @Test func `a fatal error of the newest instance ends the wait for one`() async {
        board.register(.receiver, id)
        board.report(.fatalError("no more files"), .receiver, id, instance: 1)
        await board.fatalError()
        #expect(status == .fatalError("no more files"))
    }
}
