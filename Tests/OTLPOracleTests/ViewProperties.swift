import OTLPOracle
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// The views have to say what the oracle says, about every field of any telemetry there can be.
@Suite struct ViewProperties {
    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `what the views say makes the same message again`(_ signal: Signal) throws {
        for seed in 0..<60 as Range<UInt64> {
            let wire = try OracleMessage(signal, seed: seed, unknownFields: true).wire
            let known = try OracleMessage(signal, decoding: wire, keepUnknown: false).wire
            let batch = try Batch(validating: Bytes(wire), as: signal)
            let seen: any SwiftProtobuf.Message =
                switch signal {
                case .traces: OTLP.TracesData(viewing: batch)
                case .metrics: OTLP.MetricsData(viewing: batch)
                default: OTLP.LogsData(viewing: batch)
                }
            #expect(try seen.wireForm == known, "seed \(seed)")
        }
    }
}
