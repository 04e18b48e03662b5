import Delivery
import NIOCore
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Engine

/// The account of a destination, looked at after every event.
@Suite struct BatchingSinkTests {
    /// A queue that does with every batch what a test has decided, and counts as a real one does.
    private final class FakeQueue: Sink {
        enum Answer: CaseIterable {
            case take, refuse, refuseForGood, wait
        }

        let account: DeliveryAccount
        var answers: [Answer] = []
        var waiting: [(items: Int, receipt: PendingReceipt)] = []

        init(_ account: DeliveryAccount) {
            self.account = account
        }

        func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
            let items = batch.itemCount
            switch answers.isEmpty ? .take : answers.removeFirst() {
            case .take:
                account.enter(.delivered, items)
                return .accepted
            case .refuse:
                account.enter(.refused, items)
                throw .later(reason: "full")
            case .refuseForGood:
                account.enter(.refused, items)
                throw .never(reason: "wrong")
            case .wait:
                account.enter(.waiting, items)
                let receipt = PendingReceipt()
                waiting.append((items, receipt))
                return .pending(receipt)
            }
        }

        func resolveFirst(_ answer: PendingReceipt.Answer) {
            guard !waiting.isEmpty else { return }
            let (items, receipt) = waiting.removeFirst()
            account.move(items, from: .waiting, to: answer == nil ? .delivered : .refused)
            receipt.resolve(answer)
        }
    }

    /// Numbers that are the same in every run (SplitMix64).
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Everything about one run; lives on one event loop.
    private final class Run {
        let account = DeliveryAccount()
        let queue: FakeQueue
        let sink: BatchingSink
        var accepted = 0

        init(_ surroundings: Harness, minimum: Int) {
            queue = FakeQueue(account)
            var settings = QueueBatchSettings()
            settings.minSize = minimum
            settings.flushTimeout = .seconds(1)
            let batching = QueueBatching(
                settings, exporter: ComponentID(type: "otlp"), signal: .logs, metrics: surroundings.metrics,
                clock: surroundings.clock)
            sink = BatchingSink(
                batching.batcher(), before: queue, account: account,
                place: .init(
                    lane: surroundings.lanes[0], clock: surroundings.clock, logger: surroundings.log.logger())
            )
        }

        func send(_ batch: Batch) {
            let items = batch.itemCount
            do throws(Rejection) {
                _ = try sink.consume(batch)
                accepted += items
            } catch {}
        }

        /// What is wrong with the account, if anything.
        var fault: String? {
            let places = DeliveryAccount.Place.allCases.map { ($0, account.items(in: $0)) }
            let taken = account.offered - account.items(in: .refused)
            guard taken != accepted || places.contains(where: { $0.1 < 0 }) else { return nil }
            return "accepted \(accepted), but \(places.filter { $0.1 != 0 })"
        }
    }

    @Test func `every item that was taken has a place, whatever the queue says`() async throws {
        let surroundings = Harness()
        let batches = try (1...5).map { try Samples.batch(.logs, items: $0) }
        let faults = try await surroundings.lanes[0].eventLoop.submit {
            (0..<50).compactMap { number -> String? in
                var random = Numbers(state: UInt64(number))
                let run = Run(surroundings, minimum: 1 + number % 8)
                for _ in 0..<200 {
                    switch Int.random(in: 0..<6, using: &random) {
                    case 0..<3:
                        if let batch = batches.randomElement(using: &random) { run.send(batch) }
                    case 3:
                        run.queue.answers.append(
                            FakeQueue.Answer.allCases.randomElement(using: &random) ?? .take)
                    case 4: run.queue.resolveFirst(Bool.random(using: &random) ? nil : .later(reason: "down"))
                    default: _ = run.sink.drain()
                    }
                    if let fault = run.fault { return fault }
                }
                run.queue.answers = []
                while !run.queue.waiting.isEmpty { run.queue.resolveFirst(nil) }
                return run.fault
            }
        }.get()
        #expect(faults.first == nil)
    }

    @Test func `what is given up at the end is lost at the destination, and no processor lost it`()
        async throws
    {
        let surroundings = Harness()
        let batch = try Samples.batch(.logs, items: 5)
        let (abandoned, lost, fault) = try await surroundings.lanes[0].eventLoop.submit {
            let run = Run(surroundings, minimum: 5)
            run.queue.answers = [.refuse, .refuse]
            run.send(batch)
            return (run.sink.drain(), run.sink.abandon(), run.account.items(in: .lost), run.fault)
        }.map { drained, abandoned, lost, fault in
            #expect(!drained)
            return (abandoned, lost, fault)
        }.get()
        #expect(abandoned == 0)
        #expect(lost == 5)
        #expect(fault == nil)
    }
}
