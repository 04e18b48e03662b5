internal import Delivery
internal import Pipeline

/// The names of files that were rotated away: `data-2022-09-14T05-02-14.173.json` for `data.json`.
struct BackupNames: Sendable {
    /// The directory of the file, without a slash at its end; empty for the working directory.
    let directory: String
    private let prefix: String
    private let suffix: String
    private let zone: CalendarTime.Zone

    private static let millisecond: UInt64 = 1_000_000
    private static let day: UInt64 = 86_400_000_000_000

    init(of path: String, isLocal: Bool) {
        zone = isLocal ? .local : .utc
        let name: Substring
        if let slash = path.lastIndex(of: "/") {
            directory = slash == path.startIndex ? "/" : String(path[..<slash])
            name = path[path.index(after: slash)...]
        } else {
            directory = ""
            name = path[...]
        }
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        prefix = name[..<dot] + "-"
        suffix = String(name[dot...])
    }

    /// The path for a file that is rotated away at a time; when it is taken, the next millisecond's.
    func free(at unixNanoseconds: UInt64) -> String {
        var time = unixNanoseconds
        var path = path(at: time)
        while Directory.exists(path) {
            time += Self.millisecond
            path = self.path(at: time)
        }
        return path
    }

    /// Those of `names` that are backups beyond the newest `limit`, or more than `days` old; 0 is no limit.
    func expired(of names: [String], keeping limit: Int, days: Int, at unixNanoseconds: UInt64) -> [String] {
        // Names that differ only in their time sort by it.
        let backups = names.filter { isBackup($0) }.sorted(by: >)
        var expired = limit > 0 ? Set(backups.dropFirst(limit)) : []
        if days > 0 {
            let age = UInt64(days) * Self.day
            let oldest = prefix + stamp(unixNanoseconds > age ? unixNanoseconds - age : 0) + suffix
            expired.formUnion(backups.filter { $0 < oldest })
        }
        return backups.filter { expired.contains($0) }
    }

    private func path(at unixNanoseconds: UInt64) -> String {
        let name = prefix + stamp(unixNanoseconds) + suffix
        return directory.isEmpty ? name : (directory == "/" ? "/" : directory + "/") + name
    }

    private func stamp(_ unixNanoseconds: UInt64) -> String {
        let time = CalendarTime(unixNanoseconds: unixNanoseconds, in: zone)
        let milliseconds = String(1000 + time.nanosecond / 1_000_000).dropFirst()
        return "\(time.date)T\(time.time(separator: "-")).\(milliseconds)"
    }

    private func isBackup(_ name: String) -> Bool {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
        let stamp = Array(name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
        let model = Array("0000-00-00T00-00-00.000".utf8)
        guard stamp.count == model.count else { return false }
        return zip(stamp, model).allSatisfy { $1 == 48 ? (48...57).contains($0) : $0 == $1 }
    }
}
