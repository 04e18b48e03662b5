internal import Pipeline
public import Settings

extension PrometheusReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        public var config = PrometheusSettings()
        public var trimMetricSuffixes = false
        public var reportExtraScrapeMetrics = false

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "config", \.config, "What Prometheus would be configured with to scrape the targets.",
                    required: true),
                Field(
                    "trim_metric_suffixes", \.trimMetricSuffixes,
                    "Whether names lose the suffixes that repeat their unit and type."),
                Field(
                    "report_extra_scrape_metrics", \.reportExtraScrapeMetrics,
                    "Whether timeout, limit and size of scrapes are reported as metrics, too."),
                .unsupported(
                    "target_allocator", "targets are found here alone; use http_sd_configs instead"),
                .unsupported("api_server", "there is no API of Prometheus here; leave it out"),
                .unsupported(
                    "use_start_time_metric",
                    "start times are those of the page, or when a value was first seen"),
                .unsupported("start_time_metric_regex", "see use_start_time_metric"),
                .unsupported("use_collector_start_time_fallback", "see use_start_time_metric"),
                .unsupported("enable_protobuf_negotiation", "write scrape_protocols"),
            ]
        }
    }
}

/// `config`: the part of a configuration of Prometheus that scraping needs.
public struct PrometheusSettings: SettingGroup, Equatable {
    public var global = GlobalSettings()
    public var jobs: [JobSettings] = []

    public init() {}

    public static var fields: [Field<PrometheusSettings>] {
        [
            Field("global", \.global, "What jobs have that do not say otherwise."),
            Field("scrape_configs", \.jobs, "The jobs: which targets are scraped and how.", required: true) {
                $0.isEmpty ? "must not be empty" : nil
            },
            .unsupported("rule_files", "rules are not evaluated by a collector"),
            .unsupported("alerting", "a collector sends no alerts"),
            .unsupported("remote_write", "send with an exporter, such as prometheusremotewrite"),
            .unsupported("remote_read", "a collector stores nothing that could be read"),
            .unsupported("scrape_config_files", "write the jobs here, or include a file with ${file:path}"),
            .unsupported("storage", "a collector has no storage of metrics"),
            .unsupported("tracing", "see service::telemetry"),
            .unsupported("otlp", "use the receiver otlp"),
            .unsupported("runtime", "the collector is no Go program"),
        ]
    }

    public func check() -> [Problem] {
        var problems: [Problem] = []
        for (index, job) in jobs.enumerated() {
            let key = "scrape_configs::\(index)"
            if jobs[..<index].contains(where: { $0.jobName == job.jobName }) {
                problems.append(Problem("\(key)::job_name", "'\(job.jobName)' is the name of another job"))
            }
            let interval = job.scrapeInterval ?? global.scrapeInterval
            if let timeout = job.scrapeTimeout, timeout.duration > interval.duration {
                problems.append(
                    Problem(
                        "\(key)::scrape_timeout",
                        "is \(timeout.text), more than the interval of \(interval.text)"))
            }
        }
        if global.scrapeTimeout.map({ $0.duration > global.scrapeInterval.duration }) == true {
            problems.append(Problem("global::scrape_timeout", "is more than scrape_interval"))
        }
        return problems
    }
}

/// `config::global`.
public struct GlobalSettings: SettingGroup, Equatable {
    public var scrapeInterval = PrometheusDuration(.seconds(60))
    public var scrapeTimeout: PrometheusDuration?
    public var scrapeProtocols: [JobSettings.Format] = []
    public var nativeHistograms = false
    public var externalLabels: [String: String] = [:]
    public var limits = ScrapeLimitSettings()

    public init() {}

    public static var fields: [Field<GlobalSettings>] {
        [
            Field(
                "scrape_interval", \.scrapeInterval, "How often targets are scraped.",
                check: LabelRules.interval),
            Field(
                "scrape_timeout", \.scrapeTimeout,
                "Time for one scrape; 10s, or the interval when that is shorter, unless written."
            ) { $0.flatMap(LabelRules.interval) },
            Field("scrape_protocols", \.scrapeProtocols, "Formats that are asked for, best first."),
            Field(
                "scrape_native_histograms", \.nativeHistograms,
                "Whether protobuf is asked for first, which has native histograms."),
            Field(
                "external_labels", \.externalLabels, "Labels that all series get.", check: LabelRules.names),
            Field(embedding: \.limits),
            .unsupported("evaluation_interval", "rules are not evaluated by a collector"),
            .unsupported("rule_query_offset", "rules are not evaluated by a collector"),
            .unsupported("query_log_file", "a collector answers no queries"),
            .unsupported("scrape_failure_log_file", "failures are in the log of the collector"),
            .unsupported("metric_name_validation_scheme", "all names are taken; leave it out"),
            .unsupported("metric_name_escaping_scheme", "names come as they are; leave it out"),
            .unsupported("always_scrape_classic_histograms", "native histograms come without classic ones"),
            .unsupported(
                "convert_classic_histograms_to_nhcb", "classic histograms are histograms of OTLP already"),
            .unsupported("extra_scrape_metrics", "use report_extra_scrape_metrics of the receiver"),
        ]
    }
}
