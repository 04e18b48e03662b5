internal import Delivery
internal import Logging
internal import Pipeline
internal import Synchronization

/// Looks from time to time whether the ledgers balance, and makes it known when one does not.
///
/// The terms of a ledger are counted one after the other, so while items pass the sum may be off by what is
/// passing. It counts as wrong only when nothing has passed between two looks.
final class LedgerWatch: Sendable {
    /// Time between two looks.
    static let interval = Duration.seconds(10)

    /// What one look has seen of one pipeline.
    private struct Look: Equatable {
        let accepted: Int
        let held: Int
        let unplaced: [ComponentID: Int]
    }

    private struct State {
        var looks: [PipelineID: Look] = [:]
        var wrong: [PipelineID: Int] = [:]
    }

    private let book: LedgerBook
    private let surroundings: EngineSurroundings
    private let state = Mutex(State())

    init(_ book: LedgerBook, _ surroundings: EngineSurroundings) {
        self.book = book
        self.surroundings = surroundings
    }

    /// Looks until the task is cancelled.
    func run() async {
        surroundings.metrics.observe(
            "apus_ledger_imbalance_items", "Items the ledgers cannot place; anything but 0 is a defect.",
            labels: []
        ) { [weak self] in Double(self?.imbalance ?? 0) }
        while (try? await surroundings.clock.sleep(for: Self.interval)) != nil { look() }
    }

    /// Items that the ledgers cannot place, as far as that is known.
    var imbalance: Int { state.withLock { $0.wrong.values.reduce(0) { $0 + abs($1) } } }

    /// One look at everything.
    func look() {
        let ledgers = book.all
        state.withLock { state in
            let known = Set(ledgers.map { $0.id })
            state.looks = state.looks.filter { known.contains($0.key) }
            state.wrong = state.wrong.filter { known.contains($0.key) }
        }
        for ledger in ledgers {
            ledger.settle()
            let unplaced = ledger.destinations.map { ($0, ledger.unplaced(at: $0)) }
            let look = Look(
                accepted: ledger.accepted.value, held: ledger.held,
                unplaced: Dictionary(unplaced) { first, _ in first })
            let last = state.withLock { $0.looks.updateValue(look, forKey: ledger.id) }
            guard look == last else { continue }
            note(look, mayHold: ledger.mayHold, of: ledger.id)
        }
    }

    private func note(_ look: Look, mayHold: Bool, of pipeline: PipelineID) {
        let nowhere = mayHold ? min(look.held, 0) : look.held
        let items = look.unplaced.values.reduce(nowhere) { $0 + $1 }
        let isNews = state.withLock { ($0.wrong.updateValue(items, forKey: pipeline) ?? 0) != items }
        guard isNews, items != 0 else { return }
        let message = "the ledger of \(pipeline) cannot place \(items) items; please report this"
        for destination in look.unplaced.keys {
            surroundings.statuses.report(.recoverableError(message), .exporter, destination)
        }
        surroundings.log.logger().error("\(message)")
    }
}
