internal import Patterns
internal import Settings

/// What names are called in the configuration.
protocol FilteredNames: Sendable {
    /// Such as `devices`.
    static var key: String { get }
    /// For the reference page, such as `names of devices`.
    static var meaning: String { get }
}

/// How names are compared.
enum NameMatchType: String, SettingChoice {
    case strict, regexp
}

/// The section `include` or `exclude` of a scraper.
struct NameFilterSettings<Names: FilteredNames>: SettingGroup {
    var matchType: NameMatchType?
    var names: [String] = []

    init() {}

    static var fields: [Field<Self>] {
        [
            Field(
                "match_type", \.matchType,
                "Whether \(Names.meaning) have to be equal, or to match regular expressions (RE2)."),
            Field(Names.key, \.names, "The \(Names.meaning)."),
            .unsupported(
                "regexp", "results are not cached, since an expression takes about as long as a look-up"),
        ]
    }

    func check() -> [Problem] {
        guard let matchType else {
            return names.isEmpty
                ? [] : [Problem("", "must say how names match: match_type: strict or regexp")]
        }
        guard matchType == .regexp else { return [] }
        return names.enumerated().compactMap { index, name in
            do throws(PatternError) {
                _ = try RegularExpression(name)
                return nil
            } catch {
                return Problem("\(Names.key).\(index)", "is not a regular expression of RE2: \(error)")
            }
        }
    }
}

/// Which names are wanted: those that one list has, if it has any, without those of another.
struct NameFilter: Sendable {
    private enum Matcher: Sendable {
        case strict(Set<String>)
        case regexp([RegularExpression])

        func matches(_ name: String) -> Bool {
            switch self {
            case .strict(let names): names.contains(name)
            case .regexp(let expressions): expressions.contains { $0.matches(name) }
            }
        }
    }

    private var included: Matcher?
    private var excluded: Matcher?

    /// Both sections have been checked.
    init<Names>(_ include: NameFilterSettings<Names>, _ exclude: NameFilterSettings<Names>) {
        included = Self.matcher(include)
        excluded = Self.matcher(exclude)
    }

    func allows(_ name: String) -> Bool {
        if let included, !included.matches(name) { return false }
        return excluded?.matches(name) != true
    }

    private static func matcher<Names>(_ settings: NameFilterSettings<Names>) -> Matcher? {
        guard !settings.names.isEmpty else { return nil }
        if settings.matchType != .regexp { return .strict(Set(settings.names)) }
        return .regexp(settings.names.compactMap { try? RegularExpression($0) })
    }
}

/// Devices that the scrapers disk and filesystem can be told about.
enum DeviceNames: FilteredNames {
    static let key = "devices"
    static let meaning = "names of devices"
}

enum InterfaceNames: FilteredNames {
    static let key = "interfaces"
    static let meaning = "names of network interfaces"
}

enum FilesystemTypeNames: FilteredNames {
    static let key = "fs_types"
    static let meaning = "types of file systems"
}

enum MountPointNames: FilteredNames {
    static let key = "mount_points"
    static let meaning = "mount points"
}

enum ProcessNames: FilteredNames {
    static let key = "names"
    static let meaning = "names of processes"
}
