import PipelineTesting
import Telemetry
import Testing

@Suite struct SamplesTests {
    @Test(arguments: Signal.allCases, [0, 1, 100])
    func `a sample has as many items as asked for`(signal: Signal, items: Int) throws {
        #expect(try Samples.batch(signal, items: items).itemCount == items)
    }

    @Test(arguments: Signal.allCases)
    func `the complete sample is valid and has as many items as it says`(signal: Signal) throws {
        #expect(try Samples.complete(signal).itemCount == Samples.completeItemCount(signal))
    }
}
