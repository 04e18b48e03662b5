internal import Delivery
internal import Glibc
internal import Patterns
internal import Prometheus
internal import Wire

/// Files with lists of targets, as they were at one look.
struct TargetFiles: Sendable {
    /// Files that one pattern may have.
    private static let fileLimit = 1000

    /// What tells a version of a file from others without reading it.
    private struct Stamp: Sendable, Equatable {
        let device, inode: UInt
        let size: Int
        let modified, changed: [Int]
    }

    private struct File: Sendable {
        let pattern: String
        /// `nil` when it could not be read at the last look, so that it is tried again.
        var stamp: Stamp?
        var groups: [TargetGroup]
    }

    private var files: [String: File] = [:]
    /// What went wrong at this look.
    private(set) var failure: String?

    init() {}

    /// The groups of all files, in a fixed order.
    var groups: [TargetGroup] {
        files.sorted { $0.key < $1.key }.flatMap { $0.value.groups }
    }

    /// Looks at the files of some patterns, and reads those that have changed.
    ///
    /// A file that is gone has no targets; one that cannot be read keeps those that it had.
    func next(_ patterns: [String]) -> TargetFiles {
        var next = TargetFiles()
        for pattern in patterns {
            do throws(TargetList.Failure) {
                for path in try Self.paths(of: pattern) { next.take(path, of: pattern, files[path]) }
            } catch {
                next.failure = error.reason
                for (path, file) in files where file.pattern == pattern { next.files[path] = file }
            }
        }
        return next
    }

    private mutating func take(_ path: String, of pattern: String, _ former: File?) {
        let stamp = Self.stamp(of: path)
        if let former, let known = former.stamp, known == stamp {
            files[path] = former
            return
        }
        do throws(TargetList.Failure) {
            guard let groups = try Self.list(path) else {
                failure = "\(path) does not exist, so it has no targets"
                return
            }
            files[path] = File(pattern: pattern, stamp: stamp, groups: groups)
        } catch {
            failure = error.reason
            guard var former else { return }
            former.stamp = nil
            files[path] = former
        }
    }

    /// The groups of a file; `nil` when it does not exist.
    private static func list(_ path: String) throws(TargetList.Failure) -> [TargetGroup]? {
        let content: Bytes
        do throws(FileError) {
            content = try SmallFile.read(path, limit: DiscoveryLimit.bytes + 1)
        } catch {
            if error.code == ENOENT { return nil }
            throw TargetList.Failure(reason: error.description)
        }
        // The beginning of a list may be a list, but it is not what is meant.
        guard content.count <= DiscoveryLimit.bytes else {
            throw TargetList.Failure(
                reason: "\(path) has more than \(DiscoveryLimit.bytes) bytes; divide it")
        }
        return try TargetList.read(
            content.string, isJSON: path.lowercased().hasSuffix(".json"), name: path,
            labels: ["__meta_filepath": path])
    }

    private static func stamp(of path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            modified: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec],
            changed: [status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
    }

    /// The files that a pattern means, sorted.
    private static func paths(of pattern: String) throws(TargetList.Failure) -> [String] {
        guard pattern.contains("*") else { return [pattern] }
        let slash = pattern.lastIndex(of: "/")
        let folder = slash.map { String(pattern[..<$0]) } ?? "."
        let name = slash.map { String(pattern[pattern.index(after: $0)...]) } ?? pattern
        do {
            let glob = try Glob(name)
            let names = try Directory.names(in: folder.isEmpty ? "/" : folder)
            let found = names.filter { glob.matches($0) && !$0.hasPrefix(".") }.sorted()
            return found.prefix(fileLimit).map { slash == nil ? $0 : "\(folder)/\($0)" }
        } catch let error as FileError where error.code == ENOENT {
            return []
        } catch {
            throw TargetList.Failure(reason: "\(error)")
        }
    }
}
