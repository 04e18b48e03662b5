import Pipeline
import Synchronization
import Testing

@Suite struct PendingAuthenticationTests {
    @Test func `everybody hears the first verdict, whenever they ask`() {
        let heard = Mutex<[PendingAuthentication.Answer]>([])
        let pending = PendingAuthentication()
        pending.whenDecided { answer in heard.withLock { $0.append(answer) } }
        #expect(heard.withLock { $0 }.isEmpty)
        pending.decide(.success(Principal(attributes: ["username": "a"])))
        pending.decide(.failure(.later(reason: "no")))
        pending.whenDecided { answer in heard.withLock { $0.append(answer) } }
        let expected = PendingAuthentication.Answer.success(Principal(attributes: ["username": "a"]))
        #expect(heard.withLock { $0 } == [expected, expected])
    }
}
