import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Delivery

/// Random events on the bookkeeping of a queue, beside a model that is a plain list.
@Suite struct QueueStateModelTests {
    /// Numbers that are the same in every run.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// What a queue is: what waits in order, and what is under way.
    private struct Model {
        var waiting: [Int] = []
        var inFlight: [Int] = []
        var delivered = 0
        var refused = 0
        var givenUp = 0
        var offered = 0

        var inside: Int { (waiting + inFlight).reduce(0, +) }
    }

    private static let sizes = [1, 2, 3, 5, 30]

    @Test(arguments: 1...60)
    func `a queue does what a list would do`(seed: Int) throws {
        var random = Random(state: UInt64(seed))
        let policy: QueueSettings.Overflow = seed.isMultiple(of: 2) ? .dropOldest : .dropNewest
        var settings = DeliverySettings()
        settings.sendingQueue.overflow = policy
        settings.sendingQueue.sizer = .items
        settings.sendingQueue.queueSize = Int.random(in: 1...20, using: &random)
        settings.sendingQueue.numConsumers = Int.random(in: 1...4, using: &random)
        settings.adaptiveConcurrency.enabled = false
        let batches = try Dictionary(
            uniqueKeysWithValues: Self.sizes.map { ($0, try Samples.batch(.traces, items: $0)) })
        let account = DeliveryAccount()
        var state = QueueState(settings)
        var model = Model()
        var running: [QueueEntry] = []

        for step in 0..<400 {
            let place: Comment = "seed \(seed), step \(step)"
            if running.isEmpty || Bool.random(using: &random) {
                let items = Self.sizes.randomElement(using: &random) ?? 1
                let batch = try #require(batches[items])
                let entry = QueueEntry(
                    batch, account: account, lane: 0, time: 0, result: nil, waitsForResult: false)
                offer(entry, to: &state, &running, &model, settings.sendingQueue, place)
            } else {
                let ended = running.remove(at: Int.random(in: running.indices, using: &random))
                account.move(ended.items, from: .inFlight, to: .delivered)
                finish(ended, in: &state, &running, &model, settings.sendingQueue)
            }
            check(state, running, model, account, settings.sendingQueue, place)
        }
    }

    private func offer(
        _ entry: QueueEntry, to state: inout QueueState, _ running: inout [QueueEntry], _ model: inout Model,
        _ settings: QueueSettings, _ place: Comment
    ) {
        model.offered += entry.items
        let fits = model.inside == 0 || model.inside + entry.items <= settings.queueSize
        var expected = fits
        if !fits, settings.overflow == .dropOldest {
            // As few of the oldest as make enough room, if all that wait are enough.
            var missing = model.inside + entry.items - settings.queueSize
            let count = model.waiting.prefix { items in
                defer { missing -= items }
                return missing > 0
            }.count
            if missing <= 0 {
                model.givenUp += model.waiting.prefix(count).reduce(0, +)
                model.waiting.removeFirst(count)
                expected = true
            }
        }
        switch state.offer(entry) {
        case .accepted(let next, _), .displaced(_, let next):
            #expect(expected, place)
            model.waiting.append(entry.items)
            start(next, &running, &model, settings)
        case .full:
            #expect(!expected, place)
            model.refused += entry.items
        case .waiting, .closed, .moved:
            Issue.record("nobody waits and nothing is closed: \(place)")
        }
    }

    private func start(
        _ next: QueueEntry?, _ running: inout [QueueEntry], _ model: inout Model, _ settings: QueueSettings
    ) {
        let isExpected = model.inFlight.count < settings.numConsumers && !model.waiting.isEmpty
        #expect((next != nil) == isExpected)
        guard let next, isExpected else { return }
        #expect(next.items == model.waiting[0], "the oldest goes first")
        model.inFlight.append(model.waiting.removeFirst())
        running.append(next)
    }

    private func finish(
        _ ended: QueueEntry, in state: inout QueueState, _ running: inout [QueueEntry], _ model: inout Model,
        _ settings: QueueSettings
    ) {
        model.delivered += ended.items
        if let index = model.inFlight.firstIndex(of: ended.items) { model.inFlight.remove(at: index) }
        let step = state.finish(ended, latency: nil, at: Instant(offset: .zero))
        start(step.next, &running, &model, settings)
        #expect(step.started.isEmpty && step.admitted.isEmpty)
    }

    private func check(
        _ state: QueueState, _ running: [QueueEntry], _ model: Model, _ account: DeliveryAccount,
        _ settings: QueueSettings, _ place: Comment
    ) {
        #expect(state.size == model.inside, place)
        #expect(state.inFlight == running.count, place)
        #expect(running.count <= settings.numConsumers, place)
        #expect(account.items(in: .queued) == model.waiting.reduce(0, +), place)
        #expect(account.items(in: .inFlight) == model.inFlight.reduce(0, +), place)
        #expect(account.items(in: .delivered) == model.delivered, place)
        #expect(account.items(in: .overflowed) == model.givenUp, place)
        #expect(account.items(in: .refused) == model.refused, place)
        #expect(account.offered == model.offered, "every item is in one place: \(place)")
        #expect(state.residentBytes.value >= 0, place)
    }
}
