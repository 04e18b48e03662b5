import Settings
import Testing

@testable import HTTPAPI

@Suite struct StreamSlotsTests {
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
