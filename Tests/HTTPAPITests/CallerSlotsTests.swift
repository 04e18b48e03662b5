import Settings
import Testing

@testable import HTTPAPI

@Suite struct CallerSlotsTests {
    @Test func `one caller has its share, and what it gives back somebody may take`() {
        let slots = CallerSlots(limit: 5, share: 3)
        #expect((0..<4).map { _ in slots.take("a") } == [true, true, true, false])
        #expect((0..<3).map { _ in slots.take("b") } == [true, true, false])
        slots.giveBack("a")
        #expect(slots.take("b"))
        #expect(!slots.take("a"))
        for _ in 0..<2 { slots.giveBack("a") }
        #expect(slots.take("a") && slots.take("c") && !slots.take("c"))
    }

    @Test func `a caller that has its share of streams is told so, and another is served`() async throws {
        let route = APIRoute<SampleContext>("take", "GET", "/take", .read) { call throws(APIProblem) in
            try call.takeStream()
            return .tree(.text("taken"))
        }
        try await SampleAPI.with([route]) { api async throws in
            for _ in 0..<StreamSlots.share { #expect(try await api.send("GET", "/take").status == 200) }
            let refused = try await api.send("GET", "/take")
            #expect(refused.status == 503)
            #expect(refused.text.contains("\(StreamSlots.share) of yours"))
            #expect(try await api.send("GET", "/take", as: "reader").status == 200)
        }
    }
}
