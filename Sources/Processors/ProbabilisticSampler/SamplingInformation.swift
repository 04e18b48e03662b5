internal import Telemetry
internal import Wire

/// What a span or a log record says about how it was sampled, and how it is told.
struct SamplingInformation {
    /// Why it cannot be used.
    enum Fault: Error {
        /// The text is not what it has to be.
        case unreadable
    }

    private static let thresholdKey: AttributeKey = "sampling.threshold"
    private static let randomnessKey: AttributeKey = "sampling.randomness"

    private enum Carrier {
        case traceState(TraceState)
        case attributes(randomness: Randomness?, threshold: (text: String, value: Threshold)?)
    }

    private var carrier: Carrier

    /// Reads the tracestate of a span, or two attributes of a log record.
    init(of draft: Draft) throws(Fault) {
        if draft.kind == .span {
            do throws(TraceState.Fault) {
                carrier = .traceState(try TraceState(draft.text(3)))
            } catch {
                throw .unreadable
            }
            return
        }
        var (randomness, threshold): (Randomness?, (text: String, value: Threshold)?) = (nil, nil)
        if let text = Self.text(of: Self.randomnessKey, in: draft) {
            randomness = Randomness(text: text[...])
            if randomness == nil { throw .unreadable }
        }
        if let text = Self.text(of: Self.thresholdKey, in: draft) {
            guard let value = Threshold(text: text[...]) else { throw .unreadable }
            threshold = (text, value)
        }
        carrier = .attributes(randomness: randomness, threshold: threshold)
    }

    private static func text(of key: AttributeKey, in draft: Draft) -> String? {
        draft.withAttribute(key) { value in
            value.string.flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
        } ?? nil
    }

    var randomness: Randomness? {
        switch carrier {
        case .traceState(let state): state.randomness?.value
        case .attributes(let randomness, _): randomness
        }
    }

    var threshold: Threshold? {
        switch carrier {
        case .traceState(let state): state.threshold?.value
        case .attributes(_, let threshold): threshold?.value
        }
    }

    mutating func set(_ randomness: Randomness, in draft: Draft) {
        switch carrier {
        case .traceState(var state):
            state.set(randomness)
            carrier = .traceState(state)
        case .attributes(_, let threshold):
            draft.set(Self.randomnessKey, .string(randomness.text))
            carrier = .attributes(randomness: randomness, threshold: threshold)
        }
    }

    mutating func clearThreshold(in draft: Draft) {
        switch carrier {
        case .traceState(var state):
            state.clearThreshold()
            carrier = .traceState(state)
        case .attributes(let randomness, _):
            draft.remove(Self.thresholdKey)
            carrier = .attributes(randomness: randomness, threshold: nil)
        }
    }

    /// Writes from where on the record was sampled, unless that would raise its probability.
    mutating func write(_ threshold: Threshold, to draft: Draft) {
        switch carrier {
        case .traceState(var state):
            if state.raise(to: threshold) { draft.setField(3, .text(state.text)) }
        case .attributes(_, let former):
            if let former, former.value.bits > threshold.bits { return }
            draft.set(Self.thresholdKey, .string(threshold.text))
        }
    }
}
