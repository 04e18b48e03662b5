internal import Delivery
internal import Logging
internal import Pipeline
internal import Synchronization

/// Looks from time to time whether the ledgers of a graph balance, and makes it known when one does not.
///
/// The terms of a ledger are counted one after the other, so while items pass the sum may be off by what is
/// passing. It counts as wrong only when nothing has passed between two looks.
final class LedgerWatch: Sendable {
    /// Time between two looks.
    static let interval = Duration.seconds(10)

    private struct Place: Hashable {
        let pipeline: PipelineID
        let destination: ComponentID
    }

    /// What one look has seen of one destination.
    private struct Look: Equatable {
        let accepted: Int
        let offered: Int
        let held: Int
    }

    private let ledgers: [PipelineLedger]
    private let surroundings: EngineSurroundings
    private let looks = Mutex<[Place: Look]>([:])
    private let wrong = Mutex<[Place: Int]>([:])

    init(_ ledgers: [PipelineLedger], _ surroundings: EngineSurroundings) {
        self.ledgers = ledgers
        self.surroundings = surroundings
    }

    /// Looks until the task is cancelled.
    func run() async {
        publish()
        while (try? await surroundings.clock.sleep(for: Self.interval)) != nil { look() }
    }

    /// Items that a ledger cannot place, as far as that is known.
    func imbalance(_ pipeline: PipelineID, _ destination: ComponentID) -> Int {
        wrong.withLock { $0[Place(pipeline: pipeline, destination: destination)] ?? 0 }
    }

    /// One look at everything.
    func look() {
        for ledger in ledgers {
            for (destination, account) in ledger.destinations {
                let place = Place(pipeline: ledger.id, destination: destination)
                let look = Look(
                    accepted: ledger.accepted.value, offered: account.offered,
                    held: ledger.held(before: account))
                let last = looks.withLock { $0.updateValue(look, forKey: place) }
                guard look == last else { continue }
                note(ledger.mayHold ? min(look.held, 0) : look.held, at: place)
            }
        }
    }

    private func note(_ items: Int, at place: Place) {
        let isNews = wrong.withLock { wrong in
            defer { wrong[place] = items }
            return (wrong[place] ?? 0) != items
        }
        guard isNews, items != 0 else { return }
        let message = "the ledger of \(place.pipeline) cannot place \(items) items; please report this"
        let context = surroundings.context(.exporter, place.destination)
        context.logger.error("\(message)")
        context.status(.recoverableError(message))
    }

    private func publish() {
        for ledger in ledgers {
            for (destination, _) in ledger.destinations {
                surroundings.metrics.observe(
                    "apus_ledger_imbalance_items",
                    "Items the ledger cannot place; anything but 0 is a defect.",
                    labels: [("pipeline", ledger.id.description), ("destination", destination.description)]
                ) { [weak self] in Double(self?.imbalance(ledger.id, destination) ?? 0) }
            }
        }
    }
}
