internal import Prometheus

/// The targets of a job that are to be scraped, each once, and what is wrong with others.
struct WantedTargets {
    /// By what tells a target from others, what its resource shows included.
    private(set) var tasks: [String: ScrapeTask] = [:]
    /// Targets that are not scraped though nobody wants it so.
    private(set) var leftOut = 0
    /// Why the first of them is not.
    private(set) var problem: String?

    /// Looks at what was found; of more than `limit` targets the rest is left out.
    init(_ groups: [TargetGroup], _ builder: TargetBuilder, limit: Int = DiscoveryLimit.targets) {
        for group in groups {
            for target in group.targets {
                guard tasks.count < limit else {
                    leaveOut("a job may have \(limit) targets; those beyond are left out")
                    continue
                }
                do throws(TargetFault) {
                    guard let task = try builder.task(target, in: group) else { continue }
                    tasks[task.key] = task
                } catch {
                    leaveOut(error.description)
                }
            }
        }
    }

    private mutating func leaveOut(_ reason: String) {
        leftOut += 1
        problem = problem ?? reason
    }
}
