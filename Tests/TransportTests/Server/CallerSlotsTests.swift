import Testing

@testable import Transport

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
}
