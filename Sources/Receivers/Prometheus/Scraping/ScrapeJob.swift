internal import Logging
internal import Patterns
internal import Pipeline
internal import Prometheus
internal import Settings

/// A job, ready to run: its settings with those of `global` filled in, its rules compiled, its files read.
struct ScrapeJob: Sendable {
    /// The bytes of a page where nothing else is configured.
    private static let defaultBodyLimit = 256 << 20
    /// The time for a scrape where nothing else is configured.
    private static let defaultTimeout = PrometheusDuration(.seconds(10))

    let settings: JobSettings
    let context: Context
    let access: HTTPAccess
    let builder: TargetBuilder
    let discoveries: [any Discovery]
    let meters: ScrapeMeters
    /// The value of the header field `accept`.
    let accept: String
    /// How a page is read that does not say what it is.
    let fallback: ExpositionFormat
    let bodyLimit: Int
    let targetLimit: Int
    private let translation: TranslationSettings
    private let reportsExtra: Bool

    /// Throws what is wrong with the job, naming the key inside of it.
    init(
        _ settings: JobSettings, _ receiver: PrometheusReceiver.Configuration, _ meters: ScrapeMeters,
        in context: Context
    ) throws(ComponentError) {
        let global = receiver.config.global
        self.settings = settings
        self.context = context
        self.meters = meters
        access = try HTTPAccess(settings.access, in: context)
        let interval = settings.scrapeInterval ?? global.scrapeInterval
        let timeout = settings.scrapeTimeout ?? global.scrapeTimeout ?? Self.defaultTimeout
        builder = TargetBuilder(
            settings, rules: try Self.rules(settings.relabeling, "relabel_configs"), interval: interval,
            timeout: timeout.duration < interval.duration ? timeout : interval)
        discoveries = try Self.discoveries(settings, in: context)
        accept = ScrapeProtocol.accept(Self.protocols(settings, global))
        fallback = settings.fallbackProtocol?.known.format ?? .text
        let limits = settings.limits.filled(from: global.limits)
        bodyLimit = limits.bodySize.bytes > 0 ? limits.bodySize.bytes : Self.defaultBodyLimit
        targetLimit = limits.targets
        reportsExtra = receiver.reportExtraScrapeMetrics
        var translation = TranslationSettings()
        translation.honorsLabels = settings.honorLabels
        translation.honorsTimestamps = settings.honorTimestamps
        translation.tracksTimestampStaleness = settings.trackTimestampsStaleness
        translation.rules = try Self.rules(settings.metricRelabeling, "metric_relabel_configs")
        translation.externalLabels = LabelSet(global.externalLabels.map { LabelSet.Label($0.key, $0.value) })
        translation.sampleLimit = limits.samples
        translation.labelLimit = limits.labels
        translation.labelNameLengthLimit = limits.labelNameLength
        translation.labelValueLengthLimit = limits.labelValueLength
        translation.trimsSuffixes = receiver.trimMetricSuffixes
        translation.scopeVersion = Self.version(context.userAgent)
        self.translation = translation
    }

    /// How pages of a target become telemetry.
    func translation(timeout: Duration) -> TranslationSettings {
        var translation = translation
        if reportsExtra { translation.extraSeriesTimeout = timeout / .seconds(1) }
        return translation
    }

    private static func rules(
        _ settings: [RelabelSettings], _ key: String
    ) throws(ComponentError) -> [RelabelRule] {
        var rules: [RelabelRule] = []
        for (index, rule) in settings.enumerated() {
            do throws(PatternError) {
                rules.append(try rule.rule())
            } catch {
                throw ComponentError("the expression cannot be used: \(error)", key: "\(key).\(index).regex")
            }
        }
        return rules
    }

    private static func discoveries(
        _ settings: JobSettings, in context: Context
    ) throws(ComponentError) -> [any Discovery] {
        var discoveries: [any Discovery] = []
        if !settings.statics.isEmpty { discoveries.append(StaticDiscovery(settings.statics)) }
        for files in settings.files {
            discoveries.append(
                FileDiscovery(
                    patterns: files.files, refreshInterval: files.refreshInterval.duration,
                    clock: context.clock))
        }
        for names in settings.dns { discoveries.append(DNSDiscovery(names, clock: context.clock)) }
        for cluster in settings.kubernetes {
            discoveries.append(try KubernetesDiscovery(cluster, in: context))
        }
        for server in settings.https { discoveries.append(try HTTPDiscovery(server, in: context)) }
        return discoveries
    }

    private static func protocols(
        _ settings: JobSettings, _ global: GlobalSettings
    ) -> [ScrapeProtocol] {
        let written = settings.scrapeProtocols.isEmpty ? global.scrapeProtocols : settings.scrapeProtocols
        guard written.isEmpty else { return written.map(\.known) }
        return settings.nativeHistograms ?? global.nativeHistograms
            ? ScrapeProtocol.withNativeHistograms : ScrapeProtocol.standard
    }

    /// The version in a text such as `Apus/0.1.0 (linux/x86_64)`.
    static func version(_ userAgent: String) -> String {
        guard let slash = userAgent.firstIndex(of: "/") else { return "" }
        return String(userAgent[userAgent.index(after: slash)...].prefix { $0 != " " })
    }
}

extension ScrapeLimitSettings {
    /// These limits, and those of `others` where there is none.
    func filled(from others: ScrapeLimitSettings) -> ScrapeLimitSettings {
        var limits = self
        if limits.bodySize.bytes == 0 { limits.bodySize = others.bodySize }
        if limits.samples == 0 { limits.samples = others.samples }
        if limits.labels == 0 { limits.labels = others.labels }
        if limits.labelNameLength == 0 { limits.labelNameLength = others.labelNameLength }
        if limits.labelValueLength == 0 { limits.labelValueLength = others.labelValueLength }
        if limits.targets == 0 { limits.targets = others.targets }
        return limits
    }
}
