internal import Pipeline
internal import Settings
internal import Telemetry

/// How full the file systems are.
///
/// Each is asked on a thread where it may hang, for a short time, and all of them within the time of the
/// scraper; one that hangs is left alone until it has answered. Those of the host come first, so that what
/// servers take is not theirs.
final class FilesystemScraper: HostSource {
    typealias Usage = @Sendable (String) -> Result<FilesystemUsage, FilesystemUsage.Failure>

    let name = "filesystem"

    /// How long one file system may take.
    private static let patience = Duration.seconds(5)
    /// How many are looked at.
    static let limit = 10_000

    private struct Filters {
        let devices: NameFilter
        let types: NameFilter
        let points: NameFilter

        func allow(_ mount: Mount) -> Bool {
            devices.allows(mount.device) && types.allows(mount.type) && points.allows(mount.point)
        }
    }

    private let settings: FilesystemScraperSettings
    private let filters: Filters
    private let threads: HostThreads
    private let limit: Duration
    private let hanging: HangingMounts
    private let usage: Usage

    /// `usage` asks for the file system at a path.
    init(
        _ settings: FilesystemScraperSettings, on threads: HostThreads, within limit: Duration,
        hanging: HangingMounts = .all, usage: @escaping Usage = { FilesystemUsage.read(at: $0) }
    ) {
        self.settings = settings
        filters = Filters(
            devices: NameFilter(settings.includeDevices, settings.excludeDevices),
            types: NameFilter(settings.includeTypes, settings.excludeTypes),
            points: NameFilter(settings.includeMountPoints, settings.excludeMountPoints))
        self.threads = threads
        self.limit = limit
        self.hanging = hanging
        self.usage = usage
    }

    func scrape(_ moment: ScrapeMoment) async -> Scraped {
        var scraped = Scraped()
        var sheet = MetricSheet(settings.metrics)
        let count = sheet.enabledCount
        guard count > 0 else { return scraped }
        let end = threads.clock.now + limit
        let mounts: [Mount]
        do throws(DeadlineThread.Failure) {
            let found = try await list(moment.files, points: count)
            mounts = found.mounts
            scraped.failures.add(found.failures)
        } catch {
            scraped.failures.add("the list of file systems \(error)", points: count)
            return scraped
        }
        for (index, mount) in mounts.enumerated() where !Task.isCancelled {
            let place = mount.place(moment.files)
            let left = end - threads.clock.now
            guard left > .zero else {
                let missing = mounts.count - index
                scraped.failures.add(
                    "\(missing) file systems have not been asked within \(limit.goSyntax), the first of them "
                        + "at \(place)", kind: "late", points: missing * count)
                break
            }
            switch await usage(of: mount, at: place, within: min(left, Self.patience)) {
            case .success(let usage) where mount.isMeant(by: usage): Self.record(usage, of: mount, &sheet)
            case .success:
                scraped.failures.add(
                    "the file system at \(place) is hidden from the collector by another", kind: place,
                    points: count)
            case .failure(let failure):
                scraped.failures.add(
                    "the file system at \(place) \(failure.reason)", kind: place, points: count)
            }
        }
        scraped.batch = moment.batch(name, &sheet)
        return scraped
    }

    /// The file systems that are wanted, those of the host first; for each that is missing, `points` are.
    private func list(
        _ files: HostFiles, points: Int
    ) async throws(DeadlineThread.Failure) -> (mounts: [Mount], failures: ScrapeFailures) {
        try await threads.files.run(within: min(limit, Self.patience)) { [settings, filters] in
            var failures = ScrapeFailures()
            let found = failures.reading(points: points) { () throws(HostReadError) in
                try Mount.read(files, includesVirtual: settings.includesVirtual).filter { filters.allow($0) }
            }
            let mounts = found ?? []
            if mounts.count > Self.limit {
                failures.add(
                    "there are more than \(Self.limit) file systems, the last ones are left out",
                    points: (mounts.count - Self.limit) * points)
            }
            let shown = mounts.prefix(Self.limit)
            return (shown.filter { !$0.isRemote } + shown.filter { $0.isRemote }, failures)
        }
    }

    private struct Silence: Error {
        let reason: String
    }

    private func usage(
        of mount: Mount, at place: String, within limit: Duration
    ) async -> Result<FilesystemUsage, Silence> {
        if let obstacle = hanging.obstacle(mount, at: place) { return .failure(Silence(reason: obstacle)) }
        let question = hanging.ask(mount, at: place)
        do throws(DeadlineThread.Failure) {
            let answer = try await (mount.isRemote ? threads.servers : threads.disks).run(within: limit) {
                [usage] in withExtendedLifetime(question) { usage(place) }
            }
            return answer.mapError { Silence(reason: "cannot be read: \($0)") }
        } catch {
            question.leave()
            return .failure(Silence(reason: "\(error)"))
        }
    }

    private static func record(
        _ usage: FilesystemUsage, of mount: Mount, _ sheet: inout MetricSheet<FilesystemMetric>
    ) {
        let (device, mode, point, type) = (mount.device, mount.mode, mount.point, mount.type)
        for (state, bytes) in [("used", usage.used), ("free", usage.free), ("reserved", usage.reserved)] {
            sheet.record(.usage, bytes, device, mode, point, type, state)
        }
        let usedInodes = usage.inodes - min(usage.freeInodes, usage.inodes)
        for (state, inodes) in [("used", usedInodes), ("free", usage.freeInodes)] {
            sheet.record(.inodesUsage, inodes, device, mode, point, type, state)
        }
        let usable = Double(usage.used) + Double(usage.free)
        guard usable > 0 else { return }
        sheet.record(.utilization, .double(Double(usage.used) / usable), device, mode, point, type)
    }
}
