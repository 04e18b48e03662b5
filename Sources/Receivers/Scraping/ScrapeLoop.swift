internal import Pipeline

/// Scrapes on a timer for as long as a receiver runs: one after another, and never two at a time.
///
/// The first scrape comes `initial_delay` after the start, the others at multiples of `collection_interval`
/// after it; those that fall into a scrape that takes longer are left out.
struct ScrapeLoop: Sendable {
    let settings: ScrapeSettings
    let clock: any PipelineClock

    /// Says that the receiver is ready, and scrapes until it has to stop; a scrape that is under way then is
    /// cancelled and waited for.
    func run(_ session: ReceiverSession, _ scrape: @escaping @Sendable (ScrapeTurn) async -> Void) async {
        session.ready()
        let scraping = Task { await self.scrape(scrape) }
        _ = await session.stopRequested()
        scraping.cancel()
        await scraping.value
    }

    private func scrape(_ scrape: @Sendable (ScrapeTurn) async -> Void) async {
        var due = clock.now + settings.initialDelay
        while !Task.isCancelled {
            // A wait that is cancelled ends the loop.
            guard (try? await clock.sleep(for: due - clock.now)) != nil else { return }
            let next = due + settings.collectionInterval
            await scrape(ScrapeTurn(end: max(next, clock.now), clock: clock))
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
