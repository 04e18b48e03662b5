internal import Logging
internal import OTTL
internal import Pipeline
internal import Telemetry

/// Keeps traces with a span, or an event of one, for which a condition holds.
struct ConditionPolicy: TracePolicy {
    private let spans: ConditionSequence?
    private let events: ConditionSequence?
    private let surroundings: Surroundings
    private let logger: Logger

    init(_ settings: TailSampling.Conditions, _ clock: any PipelineClock, _ logger: Logger) {
        func sequence(_ conditions: [Condition]) -> ConditionSequence? {
            conditions.isEmpty ? nil : ConditionSequence(conditions, errorMode: settings.errorMode)
        }
        spans = sequence(settings.span.compactMap { $0.condition })
        events = sequence(settings.spanevent.compactMap { $0.condition })
        surroundings = Surroundings(now: { Int64(clamping: clock.unixNanoseconds) })
        self.logger = logger
    }

    func vote(_ trace: inout TraceCase) throws(PolicyFailure) -> Vote {
        var batch = trace.batch()
        var places: Places = []
        if spans != nil { places.insert(.record) }
        if events != nil { places.insert(.event) }
        var frames: (span: Frame?, event: Frame?) = (nil, nil)
        var isFound = false
        var failure: StatementFailure?
        batch.rewrite(places) { draft in
            guard !isFound, failure == nil else { return }
            do throws(StatementFailure) {
                if draft.kind == .span, let spans {
                    isFound = try holds(spans, draft, &frames.span)
                } else if let events {
                    isFound = try holds(events, draft, &frames.event)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw PolicyFailure(reason: "\(failure)") }
        return isFound ? .sampled : .notSampled
    }

    private func holds(
        _ conditions: ConditionSequence, _ draft: Draft, _ frame: inout Frame?
    ) throws(StatementFailure) -> Bool {
        let current: Frame
        if let frame, frame.draft === draft {
            current = frame
        } else {
            current = Frame(draft, surroundings)
            frame = current
        }
        current.begin()
        return try conditions.holds(current) { failure in
            logger.warning("a condition could not be evaluated", metadata: ["failure": "\(failure)"])
        }
    }
}
