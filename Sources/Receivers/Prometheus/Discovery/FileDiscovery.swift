internal import Delivery
internal import Pipeline
internal import Prometheus

/// Targets that are listed in files, looked at again and again.
struct FileDiscovery: Discovery {
    /// How often files are looked at.
    private static let interval = Duration.seconds(5)
    /// How long one look may take.
    private static let limit = Duration.seconds(30)

    let patterns: [String]
    let refreshInterval: Duration
    let clock: any PipelineClock

    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async {
        // A file system that hangs keeps nobody waiting but this discovery.
        let thread = DeadlineThread(clock: SystemClock())
        defer { thread.close() }
        var files = TargetFiles()
        var known: [TargetGroup]?
        var failure: String?
        while true {
            var reason: String?
            do throws(DeadlineThread.Failure) {
                let (patterns, former) = (patterns, files)
                files = try await thread.run(within: Self.limit) { former.next(patterns) }
                reason = files.failure
                let groups = files.groups
                if groups != known { found(.all(groups)) }
                known = groups
            } catch {
                guard !Task.isCancelled else { return }
                reason = "looking at files \(error)"
            }
            if let reason, reason != failure { found(.failed(reason)) }
            failure = reason
            guard (try? await clock.sleep(for: min(refreshInterval, Self.interval))) != nil else { return }
        }
    }
}
