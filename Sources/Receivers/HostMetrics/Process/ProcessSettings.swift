internal import Settings

/// The section of the scraper process.
struct ProcessScraperSettings: SettingGroup {
    var metrics = MetricSwitches<ProcessMetric>()
    var resourceAttributes = ProcessAttributeSwitches()
    var include = NameFilterSettings<ProcessNames>()
    var exclude = NameFilterSettings<ProcessNames>()
    var mutesAll = false
    var mutesName = false
    var mutesExecutable = false
    var mutesIO = false
    var mutesUser = false
    var mutesCgroup = false
    var delay = Duration.zero

    init() {}

    static let fields: [Field<Self>] = [
        Field("include", \.include, "The processes that are wanted; all, if none is named."),
        Field("exclude", \.exclude, "Processes that are not wanted."),
        Field("mute_process_all_errors", \.mutesAll, "Whether nothing that cannot be read is an error."),
        Field("mute_process_name_error", \.mutesName, "Whether names may be unreadable."),
        Field("mute_process_exe_error", \.mutesExecutable, "Whether paths of executables may be unreadable."),
        Field("mute_process_io_error", \.mutesIO, "Whether what is read and written may be unreadable."),
        Field("mute_process_user_error", \.mutesUser, "Whether users may have no name."),
        Field("mute_process_cgroup_error", \.mutesCgroup, "Whether control groups may be unreadable."),
        Field(
            "scrape_process_delay", \.delay, "How long a process has to run before it is shown."
        ) { $0 < .zero ? "must not be negative" : nil },
        Field("metrics", \.metrics, "Which metrics are made, and how."),
        Field(
            "resource_attributes", \.resourceAttributes,
            "What resources say about their process, and which processes are wanted for it."),
    ]
}
