internal import Logging
internal import Pipeline
internal import Prometheus
internal import Synchronization

extension ScrapeJob {
    /// Discovers targets and scrapes them until the task is cancelled.
    func run(_ outlet: Outlet) async {
        let found = FoundTargets(count: discoveries.count)
        let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            for (index, discovery) in discoveries.enumerated() {
                group.addTask {
                    await discovery.run { update in
                        if case .failed(let reason) = update {
                            context.logger.warning(
                                "targets could not be discovered",
                                metadata: ["job": "\(settings.jobName)", "error": "\(reason)"])
                        } else {
                            found.take(update, from: index)
                            change.yield()
                        }
                    }
                }
            }
            group.addTask { await follow(changes, found, outlet) }
            await group.waitForAll()
        }
    }

    /// Starts and ends scraping as targets come and go.
    private func follow(_ changes: AsyncStream<Void>, _ found: FoundTargets, _ outlet: Outlet) async {
        await withDiscardingTaskGroup { group in
            var running: [String: Task<ScrapeTranslator, Never>] = [:]
            var problem: String?
            for await _ in changes {
                let wanted = WantedTargets(found.groups, builder)
                if wanted.problem != problem { tell(wanted) }
                problem = wanted.problem
                found.obstacle = obstacle(wanted.tasks.count)
                for (key, scraping) in running where wanted.tasks[key] == nil {
                    scraping.cancel()
                    running[key] = nil
                }
                for (key, task) in wanted.tasks where running[key] == nil {
                    let loop = TargetLoop(
                        task: task, job: self, outlet: outlet, obstacle: { found.obstacle })
                    let scraping = Task { await loop.scrape() }
                    running[key] = scraping
                    group.addTask { await finish(loop, scraping) }
                }
            }
            group.cancelAll()
        }
    }

    /// Waits until a target is not scraped any more, and says so of its series.
    private func finish(_ loop: TargetLoop, _ scraping: Task<ScrapeTranslator, Never>) async {
        let translator = await withTaskCancellationHandler {
            await scraping.value
        } onCancel: {
            scraping.cancel()
        }
        // When everything stops, whoever scrapes the target next goes on with its series.
        if !Task.isCancelled { await loop.end(translator) }
    }

    private func tell(_ wanted: WantedTargets) {
        guard let problem = wanted.problem else { return }
        context.logger.warning(
            "targets cannot be scraped",
            metadata: [
                "job": "\(settings.jobName)", "targets": "\(wanted.leftOut)", "error": "\(problem)",
            ])
    }

    /// Why nothing of the job may be scraped.
    private func obstacle(_ count: Int) -> String? {
        targetLimit > 0 && count > targetLimit
            ? "the job has \(count) targets; target_limit is \(targetLimit)" : nil
    }
}

/// What the discoveries of a job have found so far.
private final class FoundTargets: Sendable {
    private struct State {
        /// For each discovery its groups, by where they were found.
        var groups: [[String: TargetGroup]]
        var obstacle: String?
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(groups: Array(repeating: [:], count: count))) }

    /// All groups, in a fixed order.
    var groups: [TargetGroup] {
        state.withLock { $0.groups }.flatMap { groups in
            groups.values.sorted { $0.source < $1.source }
        }
    }

    /// Why nothing of the job may be scraped.
    var obstacle: String? {
        get { state.withLock { $0.obstacle } }
        set { state.withLock { $0.obstacle = newValue } }
    }

    func take(_ update: DiscoveryUpdate, from index: Int) {
        state.withLock { state in
            switch update {
            case .all(let groups):
                state.groups[index] = Dictionary(groups.map { ($0.source, $0) }) { $1 }
            case .group(let group):
                state.groups[index][group.source] = group.targets.isEmpty ? nil : group
            case .failed: break
            }
        }
    }
}
