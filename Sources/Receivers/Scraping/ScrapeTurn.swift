internal import Pipeline
internal import Telemetry

/// The time that one scrape has.
struct ScrapeTurn: Sendable {
    /// When the next one is due: what has not been handed on by then is out of date.
    let end: Instant
    let clock: any PipelineClock

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
