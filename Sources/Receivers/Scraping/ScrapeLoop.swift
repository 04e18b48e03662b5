internal import Pipeline
internal import Telemetry

/// Scrapes on a timer for as long as a receiver runs: one after another, and never two at a time.
///
/// The first scrape comes `initial_delay` after the start, the others at multiples of `collection_interval`
/// after it; those that fall into a scrape that takes longer are left out.
struct ScrapeLoop: Sendable {
    let settings: ScrapeSettings
    let clock: any PipelineClock

    /// One scrape.
    struct Turn: Sendable {
        /// When the next one is due: what has not been handed on by then is out of date.
        let end: Instant
        fileprivate let clock: any PipelineClock

        /// Hands on what was scraped, and tries again until the turn ends where there is no room.
        ///
        /// Returns why it was given up; `nil` when it was accepted, and when the scrape is cancelled before
        /// the pipelines have answered, because what they were offered may be theirs.
        func send(_ batch: Batch, to outlet: Outlet) async -> Rejection? {
            var pause = Duration.seconds(1)
            while true {
                do throws(Rejection) {
                    try await outlet.send(batch)
                    return nil
                } catch {
                    guard !Task.isCancelled else { return nil }
                    guard case .later(_, let after) = error else { return error }
                    let wait = after.map { max($0, .milliseconds(100)) } ?? pause
                    pause = min(pause * 2, .seconds(30))
                    guard clock.now + wait < end else { return error }
                    guard (try? await clock.sleep(for: wait)) != nil else { return error }
                }
            }
        }
    }

    /// Says that the receiver is ready, and scrapes until it has to stop; a scrape that is under way then is
    /// cancelled and waited for.
    func run(_ session: ReceiverSession, _ scrape: @escaping @Sendable (Turn) async -> Void) async {
        session.ready()
        let scraping = Task { await self.scrape(scrape) }
        _ = await session.stopRequested()
        scraping.cancel()
        await scraping.value
    }

    private func scrape(_ scrape: @Sendable (Turn) async -> Void) async {
        var due = clock.now + settings.initialDelay
        while !Task.isCancelled {
            // A wait that is cancelled ends the loop.
            guard (try? await clock.sleep(for: due - clock.now)) != nil else { return }
            let next = due + settings.collectionInterval
            await scrape(Turn(end: max(next, clock.now), clock: clock))
            due = next
            let late = clock.now - next
            if late > .zero {
                due =
                    next + settings.collectionInterval
                    * Int((late / settings.collectionInterval).rounded(.up))
            }
        }
    }
}
