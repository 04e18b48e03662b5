internal import Pipeline
internal import Settings

extension TailSampling {
    /// The configuration, ready for use.
    struct Rules {
        /// Bytes that a decision takes which is remembered.
        private static let decisionCost = 256

        let wait: WaitRule
        let traces: Int
        let heldBytes: Int
        let largestTrace: Int
        let blocks: Bool
        let expectedTraces: Int
        /// Decisions that are remembered beside the caches.
        let recentDecisions: Int
        let sampledCache: Int
        let notSampledCache: Int
        let strategy: Strategy
        let dropsAtEnd: Bool
        let recordsPolicy: Bool
        /// How long rounds of decisions are apart at least, so that each does more than one trace.
        let pause: Duration

        init(_ configuration: Configuration) {
            wait = WaitRule(
                total: configuration.decisionWait, afterRoot: configuration.decisionWaitAfterRootReceived)
            traces = configuration.numTraces
            heldBytes = configuration.maxHeldBytes.bytes
            largestTrace = configuration.maximumTraceSizeBytes.bytes
            blocks = configuration.blockOnOverflow
            sampledCache = configuration.decisionCache.sampledCacheSize
            notSampledCache = configuration.decisionCache.nonSampledCacheSize
            strategy = configuration.samplingStrategy
            dropsAtEnd = configuration.dropPendingTracesOnShutdown
            recordsPolicy = configuration.recordPolicy
            pause = min(wait.total / 10, .milliseconds(100))
            let expected = Double(configuration.expectedNewTracesPerSec) * Self.seconds(wait.total)
            expectedTraces = min(Int(min(expected, Double(traces))), heldBytes / WaitingTrace.cost)
            recentDecisions = min(traces, max(heldBytes / Self.decisionCost, 1000))
        }

        private static func seconds(_ duration: Duration) -> Double {
            Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        }
    }
}
