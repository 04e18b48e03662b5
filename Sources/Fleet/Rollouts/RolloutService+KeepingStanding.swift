internal import FleetModel
internal import FleetStore
internal import Logging
internal import Pipeline
internal import Rollouts
internal import Settings

/// Reading and writing what rollouts promise to agents that come later.
extension RolloutService {
    static let standingPrefix = "s/"

    static func standingID(_ id: String) -> String { standingPrefix + id }

    static func write(_ standing: StandingAssignment) -> DocumentWrite {
        .put(.rollout, standingID(standing.rollout), standing.tree, expecting: .any)
    }

    func isStanding(_ id: String) -> Bool { standing[id].map { $0.state != .ended } ?? false }

    /// Reads what rollouts that have succeeded promise.
    func readStanding() async throws(StoreError) -> [String: StandingAssignment] {
        var found: [String: StandingAssignment] = [:]
        var last: String?
        while true {
            let page = try await parts.store.documents(
                .rollout, prefix: Self.standingPrefix, after: last, limit: 200)
            for document in page {
                do throws(RolloutUnreadable) {
                    let one = try StandingAssignment(document.body)
                    found[one.rollout] = one
                } catch {
                    parts.logger.error("a standing assignment is left out: \(error)")
                }
            }
            guard page.count == 200 else { return found }
            last = page.last?.id
        }
    }

    /// Writes what is not urgent of standing assignments.
    func keepStanding() async {
        let changed = soiledStanding.compactMap { standing[$0] }
        let isDue = !standingEvents.isEmpty || parts.clock.now - standingWritten >= Self.writeInterval
        guard isDue, await holdsLease() else { return }
        if !changed.isEmpty {
            do throws(StoreError) {
                _ = try await write(changed.map(Self.write), isFenced: true)
                soiledStanding.subtract(changed.map(\.rollout))
                standingWritten = parts.clock.now
            } catch {
                return parts.logger.warning("standing assignments cannot be written for now: \(error)")
            }
        }
        let events = standingEvents
        standingEvents = []
        for (event, id) in events { await parts.audit([event], id) }
    }

    /// Writes one that somebody waits for.
    ///
    /// - Returns: Whether it is kept.
    func keep(_ one: StandingAssignment) async -> Bool {
        guard await holdsLease() else { return false }
        do throws(StoreError) {
            _ = try await write([Self.write(one)], isFenced: true)
            standing[one.rollout] = one
            return true
        } catch {
            parts.logger.warning("agents that came later get nothing for now: \(error)")
            return false
        }
    }

    /// Takes over what another manager has written of one.
    func refreshStanding(_ name: String) async {
        do throws(StoreError) {
            let document = try await parts.store.document(.rollout, name)
            guard !isOwner else { return }
            let id = String(name.dropFirst(Self.standingPrefix.count))
            do throws(RolloutUnreadable) {
                standing[id] = try document.map { (document) throws(RolloutUnreadable) in
                    try StandingAssignment(document.body)
                }
            } catch { parts.logger.error("a standing assignment is left out: \(error)") }
        } catch {
            parts.logger.warning("the standing assignment \(name) cannot be read: \(error)")
        }
    }
}
