import Delivery
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Engine

/// What connectors take, filter and refuse, in the account of the pipeline before them.
@Suite struct AccountedSinkTests {
    /// Filters two items of each batch, and leaves the answer open or refuses.
    private final class Fake: ConnectorSink {
        let answer = PendingReceipt()
        var refusal: Rejection?
        private var filtered = 0

        func lead(to outlets: ConnectorOutlets) {}
        func retire(for successor: (any ConnectorSink)?) {}
        func inherit(_ batches: [Batch]) {}
        func wake() {}
        func drain() -> Bool { true }
        func abandon() -> Int { 0 }

        func takeFiltered() -> Int {
            defer { filtered = 0 }
            return filtered
        }

        func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
            filtered = 2
            if let refusal { throw refusal }
            return .pending(answer)
        }
    }

    private func items(_ account: DeliveryAccount) -> [DeliveryAccount.Place: Int] {
        let all = DeliveryAccount.Place.allCases.map { ($0, account.items(in: $0)) }
        return Dictionary(uniqueKeysWithValues: all.filter { $0.1 != 0 })
    }

    @Test(arguments: [nil, Rejection.later(reason: "full")])
    func `what was filtered of a batch counts with the answer`(answer: Rejection?) throws {
        let (fake, account) = (Fake(), DeliveryAccount())
        _ = try AccountedSink(fake, account).consume(Samples.batch(.logs, items: 5))
        #expect(items(account) == [.filtered: 2, .waiting: 3])
        fake.answer.resolve(answer)
        #expect(items(account) == (answer == nil ? [.filtered: 2, .delivered: 3] : [.refused: 5]))
    }

    @Test func `nothing of a refused batch was filtered`() throws {
        let (fake, account) = (Fake(), DeliveryAccount())
        fake.refusal = .never(reason: "no")
        let batch = try Samples.batch(.logs, items: 5)
        #expect(throws: Rejection.never(reason: "no")) { try AccountedSink(fake, account).consume(batch) }
        #expect(items(account) == [.refused: 5])
        #expect(fake.takeFiltered() == 0)
    }
}
