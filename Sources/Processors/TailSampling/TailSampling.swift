internal import Logging
internal import NIOCore
public import Pipeline
internal import Settings
public import Telemetry
internal import Wire

/// Waits for the spans of a trace and then decides whether to keep it, by policies that see the whole trace.
///
/// Spans wait where they came in, as slices of their requests: nothing is copied before it is known that a
/// trace is kept. All event loops share what waits, spread by trace id; each decides about the traces that it
/// was the first to get. What waits, and what was decided, goes over to the processor that takes the place of
/// this one after a change of the configuration, which decides by its own policies.
///
/// A sender is answered when its spans wait, unless its receiver says `ack: durable` or `delivered`: then it
/// waits for the decision and for what follows. What is given up without a decision is in the ledger by
/// rule, and such a sender is told to send it again.
public struct TailSampling: Holder {
    public static let name = "tail_sampling"
    public static let summary =
        "Keeps whole traces by what is in them, such as errors, latency or attributes."
    public static let signals: [Signal] = [.traces]
    public static let differences = [
        "Senders are answered when their spans wait. With ack: durable or delivered at the receiver they "
            + "wait for the decision, so their timeouts have to be longer than decision_wait.",
        "num_traces counts traces that wait; there it counts those that are decided too. As many decisions "
            + "are remembered besides, and traces that are given up do not become them.",
        "max_held_bytes bounds what waits in bytes.",
        "When there is no room, the event loop that took a trace too many gives up its own oldest, and those "
            + "of others when it has none.",
        "Traces of one request that are decided together stay together, under one copy of their resources.",
        "block_on_overflow refuses new spans until there is room, instead of making their sender wait.",
        "What waits survives a change of the configuration, and so do decisions and the rates of policies.",
        "latency with an upper_threshold_ms looks at all spans; there the first spans can decide.",
        "min_value: 0 and max_value: 0 are bounds; there they are as good as absent.",
        "Numeric and boolean policies match values of their kind only; there others count as 0 and false.",
        "max_total_spans_per_second holds for all parts of a composite policy together, policy_order orders "
            + "them, and parts without a rate_allocation get what others leave, as its documentation says.",
        "A section that does not belong to the type of its policy, or is missing, is an error.",
        "record_policy and disable_invert_decisions are keys; there they are feature gates. "
            + "count_spans_sampled is always there. There is no usetracestate.",
        "What is not sampled is counted by rule in apus_processor_removed_items_by_rule.",
    ]

    private let rules: Rules
    private let policies: PolicyList
    private let store: TraceStore
    private let generation: UInt64
    private let lane: Int
    private let clock: any PipelineClock
    private let logger: Logger
    private let meters: TailSamplingMeters
    /// When traces were decided about last, if all were that were due.
    private var lastRound: Instant?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let lane = context.lanes.firstIndex { $0.eventLoop.inEventLoop } ?? 0
        try self.init(configuration, in: context, lane: lane)
    }

    init(_ configuration: Configuration, in context: Context, lane: Int) throws(ComponentError) {
        let store = Siblings.object(for: context, variant: context.pipeline?.description ?? "") {
            TraceStore(lanes: context.lanes.count)
        }
        self.store = store
        self.lane = lane
        rules = Rules(configuration)
        clock = context.clock
        logger = context.logger
        meters = TailSamplingMeters(context, store)
        generation = store.nextGeneration()
        let builder = PolicyBuilder(
            store: store, context: context, invertsPlainly: configuration.disableInvertDecisions)
        policies = PolicyList(
            members: try builder.build(configuration.policies).map { name, isDrop, policy in
                .init(name: name, isDrop: isDrop, policy: policy, meters: PolicyMeters(name, context))
            },
            stopsAtFirst: configuration.sampleOnFirstMatch, clock: clock, logger: logger,
            errors: meters.errors)
    }

    public mutating func begin() {
        guard store.begin(generation, on: lane, rules.wait) else { return }
        store.remember(
            sampled: rules.sampledCache, notSampled: rules.notSampledCache, others: rules.recentDecisions)
        store.reserve(rules.expectedTraces)
    }

    public var deadline: Instant? {
        guard store.isOwner(generation, on: lane), let due = store.due(on: lane, rules.wait) else {
            return nil
        }
        return lastRound.map { max(due, $0 + rules.pause) } ?? due
    }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        begin()
        if rules.blocks, isFull {
            throw .later(
                reason: "the tail sampler has no room for more traces (num_traces, max_held_bytes)",
                after: .seconds(1))
        }
        guard batch.chunks.allSatisfy({ $0.bytes.count <= SpanIndex.largestChunk }) else {
            throw .never(reason: "the tail sampler takes requests of at most 2 GiB")
        }
        let now = clock.now
        var decided = DecidedSpans(recordsPolicy: rules.recordsPolicy)
        var parts = split(batch)
        if rules.strategy == .spanIngest { parts = decideEarly(parts, at: now, &decided) }
        put(parts, at: now, &decided)
        parts = []
        // What goes on is no longer held; it must not cost another trace its place.
        decided.write()
        if !rules.blocks { makeRoom(at: now, &decided) }
        decided.flush(into: &output)
    }

    public mutating func release(into output: inout Output) {
        guard store.isOwner(generation, on: lane) else { return }
        let now = clock.now
        var decided = DecidedSpans(recordsPolicy: rules.recordsPolicy)
        lastRound = now
        while let trace = store.takeDue(on: lane, rules.wait, at: now) {
            decide(trace, at: now, &decided)
            // Others on the loop get their turn, and this comes back at once.
            guard !decided.isFull else {
                lastRound = nil
                break
            }
        }
        decided.flush(into: &output)
        meters.round(took: clock.now - now)
    }

    public mutating func drain(into output: inout Output) {
        // Whoever has taken the place of this one decides.
        guard store.isOwner(generation, on: lane) else { return }
        let now = clock.now
        var decided = DecidedSpans(recordsPolicy: rules.recordsPolicy)
        while !decided.isFull, let trace = store.takeDue(on: lane, rules.wait, at: nil) {
            if rules.dropsAtEnd {
                decided.lose(
                    trace.parts + store.forget(trace), rule: "pending at the end",
                    reason: "the tail sampler stopped before it had decided")
            } else {
                decide(trace, at: now, &decided)
            }
        }
        decided.flush(into: &output)
    }

    public var isDrained: Bool { !store.isOwner(generation, on: lane) || !store.hasSchedule(on: lane) }

    // MARK: - Spans that come in

    private var isFull: Bool {
        store.traceCount >= rules.traces || store.heldBytes >= rules.heldBytes
    }

    /// Tells the spans of a batch apart by their traces.
    private func split(_ batch: borrowing Batch) -> [HeldPart] {
        var map = ClaimMap(batch)
        var parts: [HeldPart] = []
        var start = 0
        for chunk in batch.chunks {
            let index = SpanIndex(of: chunk)
            let all = map.claims(from: start, count: index.spanCount)
            let portions = index.portions.map { ($0, $0.own(all)) }
            let lists = all.count > 1 ? portions.reduce(0) { $0 + $1.1.count } : 0
            let request = HeldRequest(index, claims: lists, in: store.memory)
            for (portion, claims) in portions {
                parts.append(
                    HeldPart(portion: portion, request: request, origin: batch.origin, claims: claims))
            }
            start += index.spanCount
        }
        return parts
    }

    private func put(_ parts: [HeldPart], at now: Instant, _ decided: inout DecidedSpans) {
        guard !parts.isEmpty else { return }
        var newTraces = 0
        let intake = TraceStore.Intake(wait: rules.wait, largestTrace: rules.largestTrace)
        store.put(parts, on: lane, at: now, intake) { arrival in
            switch arrival {
            case .held(let isNew): newTraces += isNew ? 1 : 0
            case .tooLarge(let all):
                meters.wasTooLarge()
                decided.remove(all, rule: "larger than maximum_trace_size_bytes")
            case .late(let part, let known):
                meters.late(known, spans: part.portion.spanCount, at: now)
                decided.add([part], known.decision, late: known)
            }
        }
        meters.began(newTraces)
    }

    /// Decides by the spans that came; returns those about whose traces it cannot, or need not.
    private func decideEarly(
        _ parts: [HeldPart], at now: Instant, _ decided: inout DecidedSpans
    ) -> [HeldPart] {
        var left: [HeldPart] = []
        for part in parts {
            let (waiting, isDecided) = store.progress(of: part.portion.id)
            var subject = TraceCase(
                TraceSpans([part.portion]), spanCount: waiting + part.portion.spanCount, now: now)
            guard !isDecided, let early = policies.decideEarly(&subject),
                let (decision, waited) = store.decideNow(part.portion.id, early, at: now)
            else {
                left.append(part)
                continue
            }
            meters.decided(decision)
            decided.add(waited + [part], decision)
        }
        return left
    }

    /// Gives up the oldest traces as long as there are too many.
    private func makeRoom(at now: Instant, _ decided: inout DecidedSpans) {
        var count = 0
        while store.traceCount > rules.traces || store.heldBytes > rules.heldBytes {
            guard let trace = store.takeOldest(on: lane) else { break }
            count += 1
            meters.hadNoRoom()
            meters.ended(after: now - trace.began)
            decided.lose(
                trace.parts + store.forget(trace), rule: "no room",
                reason: "the tail sampler has no room for more traces (num_traces, max_held_bytes)")
        }
        guard count > 0 else { return }
        logger.warning(
            "gave up traces before it was time to decide; there is no room for more",
            metadata: ["traces": "\(count)", "num_traces": "\(rules.traces)"])
    }

    private func decide(_ trace: WaitingTrace, at now: Instant, _ decided: inout DecidedSpans) {
        var decision = TraceDecision.notSampled
        if rules.strategy == .traceComplete {
            var subject = TraceCase(
                TraceSpans(trace.parts.map { $0.portion }), spanCount: trace.spanCount, now: now)
            decision = policies.decide(&subject)
        }
        let late = store.settle(trace, decision, at: now)
        meters.decided(decision)
        meters.ended(after: now - trace.began)
        decided.add(trace.parts + late, decision)
    }
}
