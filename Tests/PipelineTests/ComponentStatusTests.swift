import Pipeline
import Testing

@Suite struct ComponentStatusTests {
    static let all: [ComponentStatus] = [
        .starting, .ok, .recoverableError("r"), .permanentError("p"), .fatalError("f"), .stopping, .stopped,
    ]

    @Test(arguments: all)
    func `stopped and fatal errors are final`(next: ComponentStatus) {
        #expect(!ComponentStatus.stopped.allows(next))
        #expect(!ComponentStatus.fatalError("f").allows(next))
    }

    @Test(arguments: all)
    func `a permanent error ends only by stopping or a fatal error`(next: ComponentStatus) {
        let allowed = next == .stopping || next == .fatalError("f")
        #expect(ComponentStatus.permanentError("p").allows(next) == allowed)
    }

    @Test func `ok and recoverable errors alternate and repeat`() {
        #expect(ComponentStatus.ok.allows(.recoverableError("x")))
        #expect(ComponentStatus.recoverableError("x").allows(.ok))
        #expect(ComponentStatus.ok.allows(.ok))
        #expect(!ComponentStatus.ok.allows(.starting))
        #expect(!ComponentStatus.ok.allows(.stopped))
        #expect(ComponentStatus.stopping.allows(.stopped))
    }
}
