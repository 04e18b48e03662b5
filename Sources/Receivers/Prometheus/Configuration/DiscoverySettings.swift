internal import Pipeline
internal import Prometheus
public import Settings

/// One group of `static_configs`.
public struct StaticSettings: SettingGroup, Equatable {
    public var targets: [String] = []
    public var labels: [String: String] = [:]

    public init() {}

    public static var fields: [Field<StaticSettings>] {
        [
            Field("targets", \.targets, "Where to scrape: host:port.") { targets in
                targets.first { $0.contains("/") }.map {
                    "has '\($0)'; write host:port alone, and the rest as scheme and metrics_path"
                }
            },
            Field("labels", \.labels, "Labels of all of these targets.", check: LabelRules.names),
        ]
    }
}

/// One entry of `file_sd_configs`.
public struct FileDiscoverySettings: SettingGroup, Equatable {
    public var files: [String] = []
    public var refreshInterval = PrometheusDuration(.seconds(300))

    public init() {}

    public static var fields: [Field<FileDiscoverySettings>] {
        [
            Field(
                "files", \.files,
                "Paths of files with targets; the last part of a path may have a * in it.", required: true
            ) { files in
                if files.isEmpty { return "must not be empty" }
                return files.first { !Self.isUsable($0) }.map {
                    "has '\($0)', which does not end in .json, .yml or .yaml, or has a * before its last part"
                }
            },
            Field(
                "refresh_interval", \.refreshInterval,
                "How often files are read at the latest; they are looked at every five seconds.",
                check: LabelRules.interval),
        ]
    }

    /// As Prometheus has it: one `*` at most, in the last part.
    private static func isUsable(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isKnown = [".json", ".yml", ".yaml"].contains { path.lowercased().hasSuffix($0) }
        return isKnown && !parts.dropLast().contains { $0.contains("*") }
            && parts.last?.filter { $0 == "*" }.count ?? 0 <= 1
    }
}

/// One entry of `http_sd_configs`.
public struct HTTPDiscoverySettings: SettingGroup, Equatable {
    public var url = ""
    public var refreshInterval = PrometheusDuration(.seconds(60))
    public var access = HTTPAccessSettings()

    public init() {}

    public static var fields: [Field<HTTPDiscoverySettings>] {
        [
            Field("url", \.url, "Where a list of targets is, as JSON.", required: true) { url in
                do throws(ComponentError) {
                    let endpoint = try Endpoint(parsing: url, defaultPort: 80)
                    let isHTTP = endpoint.scheme == .http || endpoint.scheme == .https
                    return isHTTP ? nil : "must be an http:// or https:// URL"
                } catch {
                    return error.description
                }
            },
            Field(
                "refresh_interval", \.refreshInterval, "How often the list is fetched.",
                check: LabelRules.interval),
            Field(embedding: \.access),
        ]
    }
}

/// One entry of `dns_sd_configs`.
public struct DNSDiscoverySettings: SettingGroup, Equatable {
    /// What is asked for.
    public enum RecordType: String, CaseIterable, SettingChoice {
        case srv = "SRV"
        case a = "A"
        case aaaa = "AAAA"
    }

    public var names: [String] = []
    public var type = RecordType.srv
    public var port: UInt16?
    public var refreshInterval = PrometheusDuration(.seconds(30))

    public init() {}

    public static var fields: [Field<DNSDiscoverySettings>] {
        [
            Field("names", \.names, "Names to look up.", required: true) {
                $0.isEmpty || $0.contains("") ? "must not be empty" : nil
            },
            Field("type", \.type, "The kind of record: SRV, A or AAAA; MX and NS are not supported."),
            Field("port", \.port, "The port of the targets; SRV records have their own."),
            Field(
                "refresh_interval", \.refreshInterval, "How often names are looked up.",
                check: LabelRules.interval),
        ]
    }

    public func check() -> [Problem] {
        type != .srv && port == nil ? [Problem("port", "is required for \(type.rawValue) records")] : []
    }
}

/// What labels and intervals have to be.
enum LabelRules {
    /// Names that a label may have.
    static let names: @Sendable ([String: String]) -> String? = { labels in
        labels.keys.sorted().first { !LabelNames.isLegacy($0) }.map {
            "'\($0)' is no name of a label; use letters, digits and _"
        }
    }

    static let interval: @Sendable (PrometheusDuration) -> String? = {
        $0.duration > .zero ? nil : "must be more than 0"
    }
}
