import Pipeline
import Testing

@Suite struct EventHistoryTests {
    @Test func `events are numbered from 1, and the oldest make way`() {
        let history = EventHistory<UInt64>(capacity: 3)
        #expect(history.events.isEmpty)
        for number in 1...5 { #expect(history.add { $0 } == UInt64(number)) }
        #expect(history.events == [3, 4, 5])
    }

    @Test(
        arguments: [(2, true), (3, true), (5, true), (1, false), (6, false), (UInt64.max, false)]
            as [(UInt64, Bool)])
    func `a stream goes on after an event unless more is forgotten or it never was`(
        number: UInt64, isKnown: Bool
    ) async {
        let history = EventHistory<UInt64>(capacity: 3)
        for _ in 1...5 { history.add { $0 } }
        guard let stream = history.stream(after: number) else {
            #expect(!isKnown)
            return
        }
        #expect(isKnown)
        history.add { $0 }
        var seen: [UInt64] = []
        for await event in stream {
            seen.append(event)
            if event == 6 { break }
        }
        #expect(seen == Array((number + 1)...6))
    }

    @Test func `without a number a stream begins with what comes next, and who is slow loses the oldest`()
        async
    {
        let history = EventHistory<UInt64>(capacity: 2)
        history.add { $0 }
        guard let stream = history.stream(after: nil) else {
            Issue.record("there is no stream")
            return
        }
        for _ in 0..<7 { history.add { $0 } }
        var seen: [UInt64] = []
        for await event in stream {
            seen.append(event)
            if event == 8 { break }
        }
        #expect(seen == [5, 6, 7, 8])
    }

    @Test func `whoever adds at the same time, subscribers hear of it in order`() async {
        let history = EventHistory<UInt64>(capacity: 10_000)
        guard let stream = history.stream(after: 0) else {
            Issue.record("there is no stream")
            return
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { for _ in 0..<500 { history.add { $0 } } } }
        }
        var last: UInt64 = 0
        for await event in stream {
            #expect(event == last + 1)
            last = event
            if event == 2000 { break }
        }
    }
}
