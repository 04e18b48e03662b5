import Pipeline
import Synchronization
import Testing

@Suite struct ReceiptTests {
    @Test func `observers hear the answer whether they come before or after it`() {
        let receipt = PendingReceipt()
        let heard = Mutex<[Rejection?]>([])
        receipt.whenResolved { answer in heard.withLock { $0.append(answer) } }
        receipt.resolve(.never(reason: "bad"))
        receipt.whenResolved { answer in heard.withLock { $0.append(answer) } }
        #expect(heard.withLock { $0 } == [.never(reason: "bad"), .never(reason: "bad")])
    }

    @Test func `only the first answer counts`() async throws {
        let receipt = PendingReceipt()
        receipt.resolve(nil)
        receipt.resolve(.never(reason: "too late"))
        try await receipt.wait()
    }

    @Test func `no pending part means accepted`() {
        guard case .accepted = Receipt.all([]) else {
            Issue.record("expected .accepted")
            return
        }
    }

    @Test func `a fan-out is answered when its last part is, with the first refusal`() async {
        let parts = [PendingReceipt(), PendingReceipt(), PendingReceipt()]
        guard case .pending(let whole) = Receipt.all(parts) else {
            Issue.record("expected .pending")
            return
        }
        parts[1].resolve(.later(reason: "busy"))
        parts[0].resolve(nil)
        #expect(!whole.isResolved)
        parts[2].resolve(.never(reason: "bad"))
        #expect(whole.isResolved)
        await #expect(throws: Rejection.later(reason: "busy")) { try await whole.wait() }
    }
}
