internal import Patterns
internal import Settings
internal import Telemetry

/// What the resource of a process says about it.
enum ProcessAttribute: String, CaseIterable, Sendable {
    case id = "process.pid"
    case parentID = "process.parent_pid"
    case executableName = "process.executable.name"
    case executablePath = "process.executable.path"
    case command = "process.command"
    case commandLine = "process.command_line"
    case owner = "process.owner"
    case cgroup = "process.cgroup"

    var summary: String {
        switch self {
        case .id: "The number of the process."
        case .parentID: "The number of the process that made it."
        case .executableName: "The name of the process, Name of /proc/PID/status."
        case .executablePath: "The file that it runs, where /proc/PID/exe leads."
        case .command: "The command that it was started with, the first of /proc/PID/cmdline."
        case .commandLine: "The command with its arguments, /proc/PID/cmdline."
        case .owner: "The name of the user that it belongs to."
        case .cgroup: "The control group that it is in, /proc/PID/cgroup."
        }
    }
}

/// A text, or a pattern of one.
struct ValueFilterSettings: SettingGroup, Equatable {
    var strict: String?
    var regexp: String?

    init() {}

    static let fields: [Field<Self>] = [
        Field("strict", \.strict, "The value."),
        Field("regexp", \.regexp, "A regular expression (RE2) that matches the value somewhere."),
    ]

    func check() -> [Problem] {
        if (strict == nil) == (regexp == nil) { return [Problem("", "must have one of strict and regexp")] }
        guard let regexp else { return [] }
        do throws(PatternError) {
            _ = try RegularExpression(regexp)
            return []
        } catch {
            return [Problem("regexp", "is not a regular expression of RE2: \(error)")]
        }
    }
}

/// What becomes of an attribute of the resource of a process.
struct ProcessAttributeSettings: SettingGroup, Equatable {
    var isEnabled = true
    var included: [ValueFilterSettings] = []
    var excluded: [ValueFilterSettings] = []

    init() {}

    init(isEnabled: Bool) { self.isEnabled = isEnabled }

    static let fields: [Field<Self>] = [
        Field("enabled", \.isEnabled, "Whether resources have it."),
        Field(
            "metrics_include", \.included,
            "Only processes with one of these values are shown; without any, all of them."),
        Field("metrics_exclude", \.excluded, "Processes with one of these values are not shown."),
    ]
}

/// The key `resource_attributes` of the scraper process.
struct ProcessAttributeSwitches: SettingGroup {
    private var written: [ProcessAttribute: ProcessAttributeSettings] = [:]

    init() {}

    subscript(attribute: ProcessAttribute) -> ProcessAttributeSettings {
        get { written[attribute] ?? ProcessAttributeSettings(isEnabled: attribute != .cgroup) }
        set { written[attribute] = newValue }
    }

    static let fields: [Field<Self>] = ProcessAttribute.allCases.map { attribute in
        Field(attribute.rawValue, \.[attribute], attribute.summary)
    }
}

/// Which processes are wanted by what their resources would say, and what they do say.
struct ProcessAttributeRules: Sendable {
    private enum Test: Sendable {
        case equals(String)
        case matches(RegularExpression)

        init?(_ settings: ValueFilterSettings) {
            if let text = settings.strict {
                self = .equals(text)
            } else if let pattern = settings.regexp, let expression = try? RegularExpression(pattern) {
                self = .matches(expression)
            } else {
                return nil
            }
        }

        func matches(_ text: String) -> Bool {
            switch self {
            case .equals(let other): text == other
            case .matches(let expression): expression.matches(text)
            }
        }
    }

    private struct Rule: Sendable {
        let attribute: ProcessAttribute
        let included: [Test]
        let excluded: [Test]
    }

    private let shown: Set<ProcessAttribute>
    private let rules: [Rule]

    init(_ switches: ProcessAttributeSwitches) {
        shown = Set(ProcessAttribute.allCases.filter { switches[$0].isEnabled })
        rules = ProcessAttribute.allCases.compactMap { attribute in
            let settings = switches[attribute]
            let rule = Rule(
                attribute: attribute, included: settings.included.compactMap { Test($0) },
                excluded: settings.excluded.compactMap { Test($0) })
            return rule.included.isEmpty && rule.excluded.isEmpty ? nil : rule
        }
    }

    /// Whether it matters what an attribute is.
    func needs(_ attribute: ProcessAttribute) -> Bool {
        shown.contains(attribute) || rules.contains { $0.attribute == attribute }
    }

    /// Whether resources have an attribute.
    func shows(_ attribute: ProcessAttribute) -> Bool { shown.contains(attribute) }

    /// Whether a process is wanted; an attribute that it lacks is an empty text.
    func allow(_ value: (ProcessAttribute) -> String) -> Bool {
        rules.allSatisfy { rule in
            let text = value(rule.attribute)
            if !rule.included.isEmpty, !rule.included.contains(where: { $0.matches(text) }) { return false }
            return !rule.excluded.contains { $0.matches(text) }
        }
    }
}
