internal import Synchronization
internal import Telemetry

/// How full the file systems are.
///
/// Each is asked on a thread where it may hang, for a short time; one that hangs is left alone until it has
/// answered.
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
    private let usage: Usage
    /// Places that have been asked and have not answered.
    private let asked = Mutex<Set<String>>([])

    /// `usage` asks for the file system at a path.
    init(
        _ settings: FilesystemScraperSettings, on threads: HostThreads, within limit: Duration,
        usage: @escaping Usage = { FilesystemUsage.read(at: $0) }
    ) {
        self.settings = settings
        filters = Filters(
            devices: NameFilter(settings.includeDevices, settings.excludeDevices),
            types: NameFilter(settings.includeTypes, settings.excludeTypes),
            points: NameFilter(settings.includeMountPoints, settings.excludeMountPoints))
        self.threads = threads
        self.limit = min(limit, Self.patience)
        self.usage = usage
    }

    func scrape(_ moment: ScrapeMoment) async -> Scraped {
        var scraped = Scraped()
        var sheet = MetricSheet(settings.metrics)
        let count = sheet.enabledCount
        guard count > 0 else { return scraped }
        let mounts: [Mount]
        do throws(DeadlineThread.Failure) {
            let found = try await threads.files.run(within: limit) { [settings, filters] in
                var failures = ScrapeFailures()
                let mounts = failures.reading(points: count) { () throws(HostReadError) in
                    try Mount.read(moment.files, includesVirtual: settings.includesVirtual)
                        .filter { filters.allow($0) }
                }
                return (mounts ?? [], failures)
            }
            mounts = found.0
            scraped.failures.add(found.1)
        } catch {
            scraped.failures.add("the list of file systems \(error)", points: count)
            return scraped
        }
        if mounts.count > Self.limit {
            scraped.failures.add(
                "there are more than \(Self.limit) file systems, the last ones are left out",
                points: (mounts.count - Self.limit) * count)
        }
        for mount in mounts.prefix(Self.limit) where !Task.isCancelled {
            let place = mount.place(moment.files)
            switch await usage(at: place) {
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

    private struct Silence: Error {
        let reason: String
    }

    private func usage(at place: String) async -> Result<FilesystemUsage, Silence> {
        guard !asked.withLock({ $0.contains(place) }) else {
            return .failure(Silence(reason: "still does not answer"))
        }
        do throws(DeadlineThread.Failure) {
            let answer = try await threads.mounts.run(within: limit) { [self] in
                asked.withLock { _ = $0.insert(place) }
                defer { asked.withLock { _ = $0.remove(place) } }
                return usage(place)
            }
            return answer.mapError { Silence(reason: "cannot be read: \($0)") }
        } catch {
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
