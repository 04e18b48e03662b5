internal import Glibc
internal import Synchronization

extension Time.Zone {
    /// The zone of a name in the system's time zone database, such as `Europe/Berlin`; `nil` when there
    /// is none.
    ///
    /// `UTC` and the empty name are always there. Names are checked before they are used as a path. What was
    /// looked for is remembered, at most 1,000 names. It may read a file: names that telemetry has are not
    /// looked for here but in `abbreviations`.
    static func named(_ name: String) -> Time.Zone? {
        if name.isEmpty || name == "UTC" || name == "Z" { return .utc }
        return cache.withLock { cache in
            if let known = cache[name] { return known }
            let zone = load(name)
            if cache.count >= 1000 { cache.removeAll() }
            cache[name] = .some(zone)
            return zone
        }
    }

    /// The zones of the system's database that are named by a few letters, as they stand in texts; read once.
    static let abbreviations: [String: Time.Zone] = {
        let names = [
            "CET", "Cuba", "EET", "EST", "Eire", "GB", "GMT", "HST", "Iran", "MET", "MST", "NZ", "PRC", "ROC",
            "ROK", "UCT", "UTC", "WET", "Z", "Zulu",
        ]
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in named(name).map { (name, $0) } })
    }()

    /// A zone that is always as far ahead of UTC.
    static func fixed(_ offset: Int, _ abbreviation: String) -> Time.Zone {
        Time.Zone(abbreviation) { _ in (offset, abbreviation) }
    }

    static let cache = Mutex<[String: Time.Zone?]>([:])

    /// Where systems keep the database.
    private static let directories = [
        "/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo",
    ]

    private static func load(_ name: String) -> Time.Zone? {
        let isSafe = name.utf8.allSatisfy {
            0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || "/_+-".utf8.contains($0)
        }
        guard isSafe, name.utf8.count <= 64, !name.hasPrefix("/") else { return nil }
        for directory in directories {
            if let file = read("\(directory)/\(name)").flatMap(ZoneFile.init) {
                return Time.Zone(name) { file.rule(at: $0) }
            }
        }
        return nil
    }

    /// The content of a file of at most 64 KiB.
    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content = [UInt8](repeating: 0, count: 64 << 10)
        let count = Glibc.read(descriptor, &content, content.count)
        return count > 0 ? Array(content.prefix(count)) : nil
    }
}
