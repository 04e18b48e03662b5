import NIOCore
import Testing

@testable import Transport

@Suite struct SendingWatchTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `who takes nothing has taken nothing since the first look`() {
        var watch = SendingWatch()
        #expect(watch.since == nil)
        for seconds in 0..<5 {
            watch.look(SendingProgress(taken: 70, waiting: 9), at: start + .seconds(Int64(seconds)))
        }
        #expect(watch.since == start)
    }

    @Test(arguments: [
        // What is acknowledged counts although more waits by now, and so does what waits no longer.
        (SendingProgress(taken: 71, waiting: 900), true), (SendingProgress(taken: 70, waiting: 8), true),
        (SendingProgress(taken: 70, waiting: 10), false),
    ])
    func `whoever takes something goes on`(_ progress: SendingProgress, isFurther: Bool) {
        var watch = SendingWatch()
        watch.look(SendingProgress(taken: 70, waiting: 9), at: start)
        watch.look(progress, at: start + .seconds(7))
        #expect(watch.since == (isFurther ? start + .seconds(7) : start))
    }

    @Test func `whoever has everything is waited for no more`() {
        var watch = SendingWatch()
        watch.progressed(at: start)
        #expect(watch.since == nil)
        watch.look(SendingProgress(taken: 70, waiting: 9), at: start)
        watch.progressed(at: start + .seconds(1))
        #expect(watch.since == start + .seconds(1))
        watch.look(SendingProgress(), at: start + .seconds(2))
        #expect(watch.since == nil)
        watch.look(SendingProgress(taken: 70, waiting: 9), at: start + .seconds(3))
        #expect(watch.since == start + .seconds(3))
    }
}
