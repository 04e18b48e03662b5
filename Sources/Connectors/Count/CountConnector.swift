internal import OTTL
public import Pipeline
public import Telemetry

/// Counts spans, events of spans, metrics, data points, log records and profiles.
///
/// It keeps nothing: each batch becomes a batch of counts, and what the pipelines behind say to that is the
/// answer to the sender. Who waits until telemetry is delivered waits for its counts.
public struct CountConnector: Connector {
    public static let name = "count"
    public static let summary = "Counts telemetry, all of it or what conditions hold for."
    public static let conversions = Signal.allCases.map { (from: $0, to: Signal.metrics) }
    public static let differences = [
        "A condition that cannot be evaluated does not hold, and is counted in "
            + "apus_connector_count_failed_conditions; there the whole batch is refused.",
        "Attributes keep their type whatever it is; there all but texts and numbers become an empty text.",
        "profiles knows neither conditions nor attributes.",
        "The attributes that keep the counts of a batch apart take 16 MiB at most, and those of one count "
            + "64 KiB; what is beyond counts in one with the attribute otel.metric.overflow, and in "
            + "apus_connector_count_overflowed. There they have no bound.",
    ]

    private let clock: any PipelineClock
    private let failures: Counter
    private let overflowed: Counter
    private let surroundings: Surroundings
    private let hasEvents: Bool
    private var counters: Counters
    private var frames = Frames()
    private var room = CountRoom()

    /// What each kind of thing is counted with.
    private struct Counters {
        var spans: ItemCounter
        var spanEvents: ItemCounter
        var metrics: ItemCounter
        var dataPoints: ItemCounter
        var logs: ItemCounter
        var profiles: ItemCounter
    }

    /// What conditions run on, kept for as long as the drafts are the same.
    private struct Frames {
        private var frames: [Frame] = []

        mutating func frame(_ draft: Draft, _ surroundings: Surroundings) -> Frame {
            if let known = frames.first(where: { $0.draft === draft }) { return known }
            let frame = Frame(draft, surroundings)
            frames.append(frame)
            return frame
        }

        mutating func removeAll() { frames.removeAll(keepingCapacity: true) }
    }

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let rules = CountRules(configuration)
        counters = Counters(
            spans: ItemCounter(rules.spans), spanEvents: ItemCounter(rules.spanEvents),
            metrics: ItemCounter(rules.metrics), dataPoints: ItemCounter(rules.dataPoints),
            logs: ItemCounter(rules.logs), profiles: ItemCounter(rules.profiles))
        hasEvents = !rules.spanEvents.isEmpty
        let clock = context.clock
        self.clock = clock
        surroundings = Surroundings(now: { Int64(clamping: clock.unixNanoseconds) })
        failures = context.metrics.counter(
            "apus_connector_count_failed_conditions", "Conditions that could not be evaluated.",
            labels: [("connector", context.id.description)])
        overflowed = context.metrics.counter(
            "apus_connector_count_overflowed",
            "Things that were counted without the attributes that should keep them apart.",
            labels: [("connector", context.id.description)])
    }

    public mutating func consume(
        _ batch: consuming Batch, into outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        let now = clock.unixNanoseconds
        var builder = MetricsBuilder()
        var batch = batch
        frames.removeAll()
        room = CountRoom()
        switch batch.signal {
        case .profiles: countProfiles(in: batch, to: &builder, now)
        case .traces: count(&batch, hasEvents ? [.record, .event] : .record, to: &builder, now)
        case .logs: count(&batch, .record, to: &builder, now)
        case .metrics: count(&batch, [.metric, .record], to: &builder, now)
        }
        let counts = builder.finish()
        if room.overflowed > 0 { overflowed.add(room.overflowed) }
        return counts.itemCount == 0 ? .accepted : try hand(on: counts, of: batch.claims, to: outlets)
    }

    /// Sends counts; whoever has a claim on what was counted hears what becomes of all of them, since nobody
    /// can tell in which counts it is.
    private func hand(
        on counts: consuming Batch, of claims: [Claim], to outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        guard !claims.isEmpty else { return try outlets.send(counts) }
        let follower = Claim.following(claims, items: counts.itemCount)
        counts.claims = follower.claims
        let receipt = try outlets.send(counts)
        follower.receipt.whenResolved { answer in
            if let answer { claims.miss(answer) }
        }
        return receipt
    }

    private mutating func count(
        _ batch: inout Batch, _ places: Places, to builder: inout MetricsBuilder, _ now: UInt64
    ) {
        var attributes = EncodedAttributes()
        let isMetrics = batch.signal == .metrics
        batch.rewrite(places.union(.resource)) { draft in
            guard draft.kind == .resource else { return count(draft, isMetrics: isMetrics) }
            write(attributes, to: &builder, now)
            attributes.removeAll()
            draft.forEachAttribute { attributes.append(key: $0, $1) }
        }
        write(attributes, to: &builder, now)
    }

    private mutating func count(_ draft: Draft, isMetrics: Bool) {
        let frame = frames.frame(draft, surroundings)
        let failures = failures
        let failed: (StatementFailure) -> Void = { _ in failures.add(1) }
        switch draft.kind {
        case .span:
            counters.spans.note(draft.bits(7))
            counters.spans.note(draft.bits(8))
            counters.spans.count(frame, &room, failed: failed)
        case .event:
            counters.spanEvents.note(draft.bits(1))
            counters.spanEvents.count(frame, &room, failed: failed)
        case .logRecord:
            counters.logs.note(draft.bits(1))
            counters.logs.count(frame, &room, failed: failed)
        case .metric: counters.metrics.count(frame, &room, failed: failed)
        case .resource, .scope, .link: break
        case .numberPoint, .histogramPoint, .exponentialHistogramPoint, .summaryPoint:
            counters.dataPoints.note(draft.bits(3))
            counters.dataPoints.count(frame, &room, failed: failed)
        }
    }

    private mutating func countProfiles(
        in batch: Batch, to builder: inout MetricsBuilder, _ now: UInt64
    ) {
        for chunk in batch.chunks {
            for resource in WireMessage(chunk.bytes).messages(1, as: WireGroup.self) {
                for scope in resource.message.messages(2, as: WireGroup.self) {
                    for profile in scope.message.messages(2, as: WireGroup.self) {
                        counters.profiles.note(profile.message.unsigned(3))
                        counters.profiles.add(1, &room)
                    }
                }
                var attributes = EncodedAttributes()
                for attribute in resource.message.message(1, as: ResourceView.self)?.attributes.map({ $0 })
                    ?? []
                {
                    attributes.append(AttributeKey(attribute.key), .encoded(attribute.value))
                }
                write(attributes, to: &builder, now)
            }
        }
    }

    /// Writes what was counted in a resource, and begins with the next one.
    private mutating func write(
        _ resource: EncodedAttributes, to builder: inout MetricsBuilder, _ now: UInt64
    ) {
        let all = [
            counters.spans, counters.spanEvents, counters.metrics, counters.dataPoints, counters.logs,
            counters.profiles,
        ]
        guard all.contains(where: { !$0.isEmpty }) else { return }
        builder.resource { $0.attributes(resource) }
        builder.scope("github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector")
        for counter in all { counter.write(to: &builder, now: now) }
        counters.spans.removeAll()
        counters.spanEvents.removeAll()
        counters.metrics.removeAll()
        counters.dataPoints.removeAll()
        counters.logs.removeAll()
        counters.profiles.removeAll()
    }
}

/// Any message.
private struct WireGroup: MessageView {
    let message: WireMessage
    init(_ message: WireMessage) { self.message = message }
}
