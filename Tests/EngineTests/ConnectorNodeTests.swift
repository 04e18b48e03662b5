import Delivery
import NIOCore
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Engine

/// A connector that makes telemetry of its own, on one lane, through its life and changes.
@Suite struct ConnectorNodeTests {
    /// Nodes of one connector before one sink; lives on one event loop.
    private struct Bench: Sendable {
        let surroundings = Harness()
        let sink = RecordingSink()
        let drops: DropLog
        private let outlet: Outlet

        init() async throws {
            drops = DropLog(clock: surroundings.clock)
            outlet = try await surroundings.outlet(.logs, to: sink)
        }

        func onLane<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
        {
            try await surroundings.lanes[0].eventLoop.submit(body).get()
        }

        var outlets: ConnectorOutlets { ConnectorOutlets(lane: 0, outlets: [:], bySignal: [.logs: outlet]) }

        func node(interval: Duration = .seconds(10)) throws -> ConnectorNode<SumConnector> {
            let context = surroundings.context(.connector, "sum")
            var configuration = SumConnector.Configuration()
            configuration.interval = interval
            return ConnectorNode(
                try SumConnector(configuration, in: context), context,
                at: .init(outlets: outlets, lane: surroundings.lanes[0], drops: drops))
        }
    }

    private static func spans(_ items: Int = 3) throws -> Batch { try Samples.batch(.traces, items: items) }

    @Test func `what it makes goes on once its deadline has passed`() async throws {
        let bench = try await Bench()
        try await bench.onLane {
            let node = try bench.node()
            node.lead(to: bench.outlets)
            _ = try node.consume(Self.spans())
            #expect(bench.sink.itemCount == 0)
            bench.surroundings.clock.advance(by: .seconds(10))
            _ = try node.consume(Self.spans(2))
            #expect(bench.sink.itemCount == 5)
            _ = node.drain()
        }
    }

    @Test func `while what it made is refused it takes what comes, and makes no more`() async throws {
        let bench = try await Bench()
        try await bench.onLane {
            let node = try bench.node()
            node.lead(to: bench.outlets)
            bench.sink.refuse(next: 2, with: .later(reason: "full"))
            for items in [1, 2, 4] {
                _ = try node.consume(Self.spans(items))
                bench.surroundings.clock.advance(by: .seconds(10))
            }
            #expect(bench.sink.itemCount == 0)
            #expect(!node.drain())
            #expect(node.drain())
            #expect(bench.sink.batches.map { $0.itemCount } == [3, 4])
        }
    }

    @Test func `one that never began touches nothing of what it shares`() async throws {
        let bench = try await Bench()
        try await bench.onLane {
            let (running, failed) = (try bench.node(), try bench.node())
            running.lead(to: bench.outlets)
            _ = try running.consume(Self.spans())
            #expect(failed.drain())
            #expect(failed.abandon() == 0)
            #expect(bench.sink.itemCount == 0)
            #expect(running.drain())
            #expect(bench.sink.itemCount == 3)
        }
        #expect(bench.drops.all.isEmpty)
    }

    @Test func `one that is replaced leaves what it shares to its successor`() async throws {
        let bench = try await Bench()
        try await bench.onLane {
            let (old, new) = (try bench.node(), try bench.node(interval: .seconds(60)))
            old.lead(to: bench.outlets)
            _ = try old.consume(Self.spans())
            old.retire(for: new)
            new.lead(to: bench.outlets)
            bench.surroundings.clock.advance(by: .seconds(10))
            // The last of the old connections.
            _ = try old.consume(Self.spans(2))
            #expect(bench.sink.itemCount == 0)
            #expect(old.drain())
            #expect(old.abandon() == 0)
            #expect(bench.sink.itemCount == 0)
            _ = try new.consume(Self.spans(1))
            #expect(bench.sink.itemCount == 6)
            _ = new.drain()
        }
    }

    @Test func `what one has made and nobody took goes on with its successor`() async throws {
        let bench = try await Bench()
        let new = try await bench.onLane {
            let (old, new) = (try bench.node(interval: .zero), try bench.node())
            old.lead(to: bench.outlets)
            bench.sink.refuse(with: .later(reason: "full"))
            _ = try old.consume(Self.spans())
            #expect(bench.sink.itemCount == 0)
            old.retire(for: new)
            new.lead(to: bench.outlets)
            #expect(old.drain())
            #expect(old.abandon() == 0)
            return NIOLoopBound(new, eventLoop: bench.surroundings.lanes[0].eventLoop)
        }
        await bench.sink.waitForItems(3)
        try await bench.onLane { #expect(new.value.drain()) }
        #expect(bench.drops.all.isEmpty)
    }

    @Test func `what nobody has taken by the end is lost, and told`() async throws {
        let bench = try await Bench()
        try await bench.onLane {
            let node = try bench.node(interval: .zero)
            node.lead(to: bench.outlets)
            bench.sink.refuse(next: 2, with: .later(reason: "full"))
            _ = try node.consume(Self.spans())
            #expect(!node.drain())
            #expect(node.abandon() == 3)
            #expect(node.abandon() == 0)
        }
        let group = try #require(bench.drops.all.first)
        #expect(group.place == .lost && group.items == 3 && group.component.description == "sum")
        #expect(
            group.examples.map { $0.message } == [
                "the time to stop was over before the next step took it: full"
            ])
    }
}

/// A step whose next one does what a test has decided.
@Suite struct StepNodeTests {
    /// Lets everything go at once, one item in each batch.
    private struct SplitStep: HoldingStep {
        var deadline: Instant? { nil }
        mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
            var batch = batch
            while batch.itemCount > 0 { output.emit(batch.removeFirst(items: 1)) }
        }
        mutating func release(into output: inout Output) {}
        mutating func drain(into output: inout Output) {}
    }

    private final class Script: Sink {
        enum Answer {
            case take, refuse, wait
        }

        var answers: [Answer] = []
        var taken = 0
        let receipt = PendingReceipt()

        func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
            switch answers.isEmpty ? .take : answers.removeFirst() {
            case .refuse: throw .later(reason: "full")
            case .take:
                taken += batch.itemCount
                return .accepted
            case .wait:
                taken += batch.itemCount
                return .pending(receipt)
            }
        }
    }

    @Test func `senders wait for what is offered again, even where the rest of it is refused again`()
        async throws
    {
        let surroundings = Harness()
        try await surroundings.lanes[0].eventLoop.submit {
            let script = Script()
            let node = StepNode(
                SplitStep(), next: script, lane: surroundings.lanes[0], clock: surroundings.clock,
                ledger: StepLedger(), logger: surroundings.log.logger())
            script.answers = [.refuse, .refuse, .refuse, .wait, .refuse]
            _ = try node.consume(Samples.batch(.logs, items: 3))
            #expect(throws: Rejection.later(reason: "full")) {
                try node.consume(Samples.batch(.logs, items: 1))
            }
            #expect(script.taken == 1)
            guard case .pending(let admission) = try node.consume(Samples.batch(.logs, items: 1)) else {
                Issue.record("it does not wait")
                return
            }
            #expect(script.taken == 4)
            #expect(!admission.isResolved)
            script.receipt.resolve(nil)
            #expect(admission.isResolved)
            guard case .accepted = try node.consume(Samples.batch(.logs, items: 1)) else {
                Issue.record("it waits for nothing")
                return
            }
        }.get()
    }
}
