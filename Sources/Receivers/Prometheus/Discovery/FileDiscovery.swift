internal import Delivery
internal import NIOPosix
internal import Patterns
internal import Pipeline
internal import Prometheus
internal import Wire

/// Targets that are listed in files, looked at again and again.
struct FileDiscovery: Discovery {
    /// How often files are looked at.
    private static let interval = Duration.seconds(5)
    /// Files that one pattern may have.
    private static let fileLimit = 1000

    let patterns: [String]
    let refreshInterval: Duration
    let clock: any PipelineClock

    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async {
        var known: [String: [TargetGroup]]?
        var failure: String?
        while true {
            let patterns = patterns
            let reading = try? await NIOThreadPool.singleton.runIfActive { Self.read(patterns) }
            guard let reading else { return }
            // A file that cannot be read leaves its targets as they were.
            var next = reading.files
            for name in reading.failed { next[name] = known?[name] }
            if next != known { found(.all(next.sorted { $0.key < $1.key }.flatMap { $0.value })) }
            known = next
            if let reason = reading.reason, reason != failure { found(.failed(reason)) }
            failure = reading.reason
            do {
                try await clock.sleep(for: min(refreshInterval, Self.interval))
            } catch {
                return
            }
        }
    }

    private struct Reading: Sendable {
        var files: [String: [TargetGroup]] = [:]
        var failed: [String] = []
        var reason: String?
    }

    private static func read(_ patterns: [String]) -> Reading {
        var reading = Reading()
        for pattern in patterns {
            for path in files(of: pattern, &reading) {
                do throws(TargetList.Failure) {
                    reading.files[path] = try list(path)
                } catch {
                    reading.failed.append(path)
                    reading.reason = error.reason
                }
            }
        }
        return reading
    }

    private static func list(_ path: String) throws(TargetList.Failure) -> [TargetGroup] {
        let content: Bytes
        do throws(FileError) {
            content = try SmallFile.read(path, limit: DiscoveryLimit.bytes)
        } catch {
            throw TargetList.Failure(reason: error.description)
        }
        return try TargetList.read(
            content.string, isJSON: path.lowercased().hasSuffix(".json"), name: path,
            labels: ["__meta_filepath": path])
    }

    /// The files that a pattern means, sorted.
    private static func files(of pattern: String, _ reading: inout Reading) -> [String] {
        guard pattern.contains("*") else { return [pattern] }
        let slash = pattern.lastIndex(of: "/")
        let folder = slash.map { String(pattern[..<$0]) } ?? "."
        let name = slash.map { String(pattern[pattern.index(after: $0)...]) } ?? pattern
        do {
            let glob = try Glob(name)
            let names = try Directory.names(in: folder.isEmpty ? "/" : folder)
            let found = names.filter { glob.matches($0) && !$0.hasPrefix(".") }.sorted()
            return found.prefix(fileLimit).map { slash == nil ? $0 : "\(folder)/\($0)" }
        } catch {
            reading.reason = "\(error)"
            return []
        }
    }
}
