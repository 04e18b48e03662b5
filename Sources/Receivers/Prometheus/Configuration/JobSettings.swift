internal import Prometheus
public import Settings

/// One entry of `scrape_configs`: a job.
public struct JobSettings: SettingGroup, Equatable {
    /// How a target is spoken to.
    public enum Scheme: String, CaseIterable, SettingChoice { case http, https }

    /// A format that is asked for.
    public enum Format: String, CaseIterable, SettingChoice {
        case protobuf = "PrometheusProto"
        case openMetrics001 = "OpenMetricsText0.0.1"
        case openMetrics100 = "OpenMetricsText1.0.0"
        case text004 = "PrometheusText0.0.4"
        case text100 = "PrometheusText1.0.0"

        var known: ScrapeProtocol { ScrapeProtocol(rawValue: rawValue) ?? .text004 }
    }

    public var jobName = ""
    public var scrapeInterval: PrometheusDuration?
    public var scrapeTimeout: PrometheusDuration?
    public var scrapeProtocols: [Format] = []
    public var fallbackProtocol: Format?
    public var nativeHistograms: Bool?
    public var metricsPath = "/metrics"
    public var scheme = Scheme.http
    public var params: [String: [String]] = [:]
    public var honorLabels = false
    public var honorTimestamps = true
    public var trackTimestampsStaleness = false
    public var enableCompression = true
    public var access = HTTPAccessSettings()
    public var statics: [StaticSettings] = []
    public var files: [FileDiscoverySettings] = []
    public var https: [HTTPDiscoverySettings] = []
    public var dns: [DNSDiscoverySettings] = []
    public var kubernetes: [KubernetesDiscoverySettings] = []
    public var relabeling: [RelabelSettings] = []
    public var metricRelabeling: [RelabelSettings] = []
    public var limits = ScrapeLimitSettings()

    public init() {}

    public static var fields: [Field<JobSettings>] {
        base + discovery + [
            Field("relabel_configs", \.relabeling, "Rules for the labels of targets."),
            Field("metric_relabel_configs", \.metricRelabeling, "Rules for the labels of samples."),
            Field(embedding: \.limits),
            Field(embedding: \.access),
        ] + unsupported
    }

    private static let base: [Field<JobSettings>] = [
        Field("job_name", \.jobName, "The label job of the targets.", required: true) {
            $0.isEmpty ? "must not be empty" : nil
        },
        Field(
            "scrape_interval", \.scrapeInterval, "How often targets are scraped; global's otherwise."
        ) { $0.flatMap(LabelRules.interval) },
        Field(
            "scrape_timeout", \.scrapeTimeout,
            "Time for one scrape, at most the interval; global's otherwise."
        ) { $0.flatMap(LabelRules.interval) },
        Field(
            "scrape_protocols", \.scrapeProtocols, "Formats that are asked for, best first."),
        Field(
            "fallback_scrape_protocol", \.fallbackProtocol,
            "How a page is read that does not say what it is; the text format otherwise."),
        Field(
            "scrape_native_histograms", \.nativeHistograms,
            "Whether protobuf is asked for first, which has native histograms; global's otherwise."),
        Field("metrics_path", \.metricsPath, "The path of the pages.") {
            $0.isEmpty ? "must not be empty" : nil
        },
        Field("scheme", \.scheme, "http or https."),
        Field("params", \.params, "Parameters of the URL's query, each with a list of values."),
        Field(
            "honor_labels", \.honorLabels,
            "Whether labels of the page win over those of the target; otherwise they get exported_ before "
                + "them."),
        Field("honor_timestamps", \.honorTimestamps, "Whether times of the page count."),
        Field(
            "track_timestamps_staleness", \.trackTimestampsStaleness,
            "Whether series with times of their own become stale when they vanish."),
        Field("enable_compression", \.enableCompression, "Whether compressed pages are asked for."),
    ]

    private static let discovery: [Field<JobSettings>] = [
        Field("static_configs", \.statics, "Targets that are listed here."),
        Field("file_sd_configs", \.files, "Targets that are listed in files."),
        Field("http_sd_configs", \.https, "Targets that a server lists."),
        Field("dns_sd_configs", \.dns, "Targets that the DNS has."),
        Field("kubernetes_sd_configs", \.kubernetes, "Targets that the API of Kubernetes tells of."),
    ]

    private static let unsupported: [Field<JobSettings>] =
        [
            .unsupported(
                "scrape_failure_log_file", "failures are in the log of the collector; leave it out"),
            .unsupported(
                "always_scrape_classic_histograms", "native histograms come without classic ones"),
            .unsupported("scrape_classic_histograms", "native histograms come without classic ones"),
            .unsupported(
                "convert_classic_histograms_to_nhcb", "classic histograms are histograms of OTLP already"),
            .unsupported("metric_name_validation_scheme", "all names are taken; leave it out"),
            .unsupported("metric_name_escaping_scheme", "names come as they are; leave it out"),
            .unsupported("extra_scrape_metrics", "use report_extra_scrape_metrics of the receiver"),
        ]
        + [
            "azure", "consul", "digitalocean", "docker", "dockerswarm", "ec2", "eureka", "gce", "hetzner",
            "ionos", "kuma", "lightsail", "linode", "marathon", "nerve", "nomad", "openstack", "outscale",
            "ovhcloud", "puppetdb", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
        ].map {
            .unsupported(
                "\($0)_sd_configs", "this discovery is not part of this version; use http_sd_configs")
        }
}

/// The limits of a job.
public struct ScrapeLimitSettings: SettingGroup, Equatable {
    public var bodySize: ByteCount = 0
    public var samples = 0
    public var labels = 0
    public var labelNameLength = 0
    public var labelValueLength = 0
    public var targets = 0

    public init() {}

    private static let check: @Sendable (Int) -> String? = { $0 < 0 ? "must not be negative" : nil }

    public static var fields: [Field<ScrapeLimitSettings>] {
        [
            Field(
                "body_size_limit", \.bodySize,
                "Bytes that a page may have, not compressed, such as 10MB; 0 is 256 MiB."),
            Field(
                "sample_limit", \.samples, "Samples that a page may have after relabeling; 0 is no limit.",
                check: check),
            Field("label_limit", \.labels, "Labels that a sample may have; 0 is no limit.", check: check),
            Field(
                "label_name_length_limit", \.labelNameLength,
                "Bytes that the name of a label may have; 0 is no limit.", check: check),
            Field(
                "label_value_length_limit", \.labelValueLength,
                "Bytes that the value of a label may have; 0 is no limit.", check: check),
            Field(
                "target_limit", \.targets,
                "Targets that the job may have; with more, all scrapes fail. 0 is no limit.", check: check),
            .unsupported("keep_dropped_targets", "dropped targets are not kept; leave it out"),
            .unsupported("native_histogram_bucket_limit", "a histogram may have 16384 buckets"),
            .unsupported("native_histogram_min_bucket_factor", "buckets are passed on as they come"),
        ]
    }
}
