internal import Delivery
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The conservation ledger of one pipeline: where every item is that it ever accepted.
///
/// `accepted + divided + added = removed + rejected + lost + held + emitted`, and for each destination
/// `emitted = waiting + batching + queued + in flight + delivered + filtered + rejected + failed + expired
/// + returned + dead-lettered + spilled + lost + overflowed`: every place but `refused`.
/// The terms are counted where they happen, so a sum that does not balance is a defect of Apus and is shown
/// as such. The ledger lives as long as the pipeline, through all changes of the configuration.
final class PipelineLedger: Sendable {
    private struct State {
        var steps: [(id: ComponentID, ledger: StepLedger)] = []
        /// The last one is fed; those before it have items on their way.
        var tails: [PipelineTail] = []
        /// What became of the items of tails that are settled.
        var past: [ComponentID: [DeliveryAccount.Place: Int]] = [:]
        /// Items handed to them, less those of them that the pipeline has not accepted.
        var pastEmitted = 0
        /// Items that ended in processors that are gone, less those that they added.
        var pastEnded = 0
    }

    let id: PipelineID
    /// Items whose senders were told that they are accepted.
    let accepted = Counter()
    /// Bytes of OTLP that came in, whether or not they were accepted in the end.
    let bytes = Counter()
    /// Items whose senders wait for their answer, and items that were answered after a wait.
    private let asked = Counter()
    private let answered = Counter()
    /// Items sent back: their senders were told to keep them, but for those that have overflowed.
    let refused = Counter()
    /// Items sent back whose senders had their answer all the same, since other pipelines of the same
    /// receiver or connector took them, or other parts of their batch: they are lost to this pipeline.
    let overflowed = Counter()
    private let state = Mutex(State())

    init(id: PipelineID) {
        self.id = id
    }

    /// The ledger of a processor, if the pipeline has it.
    func step(_ processor: ComponentID) -> StepLedger? {
        state.withLock { $0.steps.first { $0.id == processor }?.ledger }
    }

    /// Takes in a processor.
    func add(_ processor: ComponentID, _ ledger: StepLedger) {
        state.withLock { $0.steps.append((processor, ledger)) }
    }

    /// Adds up what went through processors that the pipeline does not have any more.
    func closeSteps(except current: [ComponentID]) {
        state.withLock { state in
            for step in state.steps where !current.contains(step.id) { state.pastEnded += step.ledger.ended }
            state.steps.removeAll { !current.contains($0.id) }
        }
    }

    /// Begins to feed the destinations of `tail`; `false` when it feeds them already.
    @discardableResult
    func use(_ tail: PipelineTail) -> Bool {
        state.withLock { state in
            guard state.tails.last !== tail else { return false }
            state.tails.append(tail)
            return true
        }
    }

    /// Adds up what became of the items of tails that are not fed any more and have nothing on its way.
    func settle() {
        state.withLock { state in
            let settled = state.tails.dropLast().filter { $0.isSettled }
            for tail in settled {
                state.pastEmitted += tail.emitted.value - tail.divided.value
                for (id, account) in tail.destinations {
                    for place in DeliveryAccount.Place.allCases {
                        state.past[id, default: [:]][place, default: 0] += account.items(in: place)
                    }
                }
            }
            state.tails.removeAll { tail in settled.contains { $0 === tail } }
        }
    }

    /// The processors that the pipeline has, and those that still let go of something.
    var steps: [(id: ComponentID, ledger: StepLedger)] { state.withLock { $0.steps } }

    /// The tails with something on its way, and the one that is fed.
    var tails: [PipelineTail] { state.withLock { $0.tails } }

    /// The destinations that the pipeline feeds.
    var destinations: [ComponentID] {
        state.withLock { $0.tails.last?.destinations.map { $0.id } ?? [] }
    }

    /// Destinations that the pipeline fed before and that have taken something.
    var formerDestinations: [ComponentID] {
        let current = destinations
        return state.withLock { state in
            let known = Array(state.past.keys) + state.tails.flatMap { $0.destinations.map { $0.id } }
            return Set(known).subtracting(current).sorted { $0.description < $1.description }
        }
    }

    /// Where the items are that were ever handed to a destination.
    func items(in place: DeliveryAccount.Place, of destination: ComponentID) -> Int {
        state.withLock { state in
            state.tails.flatMap { $0.destinations }.filter { $0.id == destination }
                .reduce(state.past[destination]?[place] ?? 0) { $0 + $1.account.items(in: place) }
        }
    }

    /// Items that a destination has delivered, and items in `lost` places; in one go, for every second.
    func outcome(
        of destination: ComponentID, lost places: [DeliveryAccount.Place]
    ) -> (delivered: Int, lost: Int) {
        state.withLock { state in
            let past = state.past[destination]
            var delivered = past?[.delivered] ?? 0
            var lost = past.map { past in places.reduce(0) { $0 + (past[$1] ?? 0) } } ?? 0
            for tail in state.tails {
                for item in tail.destinations where item.id == destination {
                    delivered += item.account.items(in: .delivered)
                    for place in places { lost += item.account.items(in: place) }
                }
            }
            return (delivered, lost)
        }
    }

    /// Items that the accounts of a destination cannot place.
    func unplaced(at destination: ComponentID) -> Int {
        tails.reduce(0) { sum, tail in
            tail.destinations.filter { $0.id == destination }.reduce(sum) { $0 + tail.unplaced($1.account) }
        }
    }

    /// Items that processors keep: what came in and has neither ended nor been handed over.
    ///
    /// After a stop it is 0; anything else means that the ledger and the pipeline disagree.
    var held: Int {
        let (ended, emitted) = state.withLock { state in
            (
                state.steps.reduce(state.pastEnded) { $0 + $1.ledger.ended },
                state.tails.reduce(state.pastEmitted) { $0 + $1.emitted.value - $1.divided.value }
            )
        }
        return accepted.value + (asked.value - answered.value) - ended - emitted
    }

    /// Whether a processor of the pipeline may keep items.
    var mayHold: Bool { state.withLock { !$0.steps.isEmpty } }

    func entered(_ receipt: Receipt, items: Int) {
        switch receipt {
        case .accepted:
            accepted.add(items)
        case .pending(let pending):
            asked.add(items)
            pending.whenResolved { [self] refusal in
                (refusal == nil ? accepted : refused).add(items)
                answered.add(items)
            }
        }
    }
}
