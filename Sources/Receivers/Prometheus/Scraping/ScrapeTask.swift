internal import Pipeline
internal import Prometheus
internal import Settings
internal import Transport

/// A target of a job, with everything that scraping it needs.
struct ScrapeTask: Sendable, Hashable {
    let target: ScrapeTarget
    /// Host and port.
    let address: ListenAddress
    let isSecure: Bool
    /// Path and query.
    let path: String
    let interval: Duration
    let timeout: Duration

    private var url: String { "\(isSecure ? "https" : "http")://\(address)\(path)" }

    /// The URL, for people: without its query, which may have secrets.
    var name: String { String(url.prefix { $0 != "?" }) }

    /// What tells it from other tasks.
    ///
    /// One with another pod is another, since its resource shows the pod.
    var key: String { "\(target.labels) \(target.discovered) \(url) \(interval) \(timeout)" }

    /// A number that is the same for a target in every run, so that scrapes keep their places in the
    /// interval.
    var place: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(target.labels) \(url)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash ^ hash >> 32
    }
}

/// Makes tasks of what discovery finds, as `relabel_configs` says.
struct TargetBuilder: Sendable {
    private let job: JobSettings
    private let rules: [RelabelRule]
    private let defaults: LabelSet

    /// A builder for targets that are scraped once in every interval, unless they say otherwise.
    init(
        _ job: JobSettings, rules: [RelabelRule], interval: PrometheusDuration, timeout: PrometheusDuration
    ) {
        self.job = job
        self.rules = rules
        defaults = [
            LabelNames.job: job.jobName, LabelNames.scrapeInterval: interval.text,
            LabelNames.scrapeTimeout: timeout.text, LabelNames.metricsPath: job.metricsPath,
            LabelNames.scheme: job.scheme.rawValue,
        ]
    }

    /// The task for a target; `nil` when relabeling drops it.
    ///
    /// Throws what is wrong with the target.
    func task(_ target: LabelSet, in group: TargetGroup) throws(TargetFault) -> ScrapeTask? {
        var labels = target
        for label in group.labels.labels where labels[label.name].isEmpty { labels[label.name] = label.value }
        for label in defaults.labels where labels[label.name].isEmpty { labels[label.name] = label.value }
        for (name, values) in job.params {
            if let first = values.first { labels[LabelNames.parameterPrefix + name] = first }
        }
        let discovered = labels
        guard rules.apply(to: &labels) else { return nil }
        let address = labels[LabelNames.address]
        guard !address.isEmpty else { throw TargetFault("the target has no address: \(discovered)") }
        let (interval, timeout) = try times(labels)
        let scheme = labels[LabelNames.scheme]
        guard scheme == "http" || scheme == "https" else {
            throw TargetFault("the target \(address) has the scheme '\(scheme)', not http or https")
        }
        if labels[LabelNames.instance].isEmpty { labels[LabelNames.instance] = address }
        let path = path(labels)
        var visible = labels
        visible.removeAll { $0.name.hasPrefix(LabelNames.reservedPrefix) }
        return ScrapeTask(
            target: ScrapeTarget(labels: visible, scheme: scheme, discovered: discovered),
            address: try Self.listenAddress(address, isSecure: scheme == "https"),
            isSecure: scheme == "https", path: path, interval: interval, timeout: timeout)
    }

    private func times(_ labels: LabelSet) throws(TargetFault) -> (Duration, Duration) {
        let texts = (labels[LabelNames.scrapeInterval], labels[LabelNames.scrapeTimeout])
        guard let interval = PrometheusDuration(texts.0)?.duration, interval > .zero,
            let timeout = PrometheusDuration(texts.1)?.duration, timeout > .zero
        else {
            throw TargetFault("'\(texts.0)' and '\(texts.1)' are no interval and timeout of a target")
        }
        guard timeout <= interval else {
            throw TargetFault("the timeout \(texts.1) of a target is more than its interval \(texts.0)")
        }
        return (interval, timeout)
    }

    /// Path and query, with the parameters in the order of their names.
    private func path(_ labels: LabelSet) -> String {
        var parameters = job.params
        for label in labels.labels where label.name.hasPrefix(LabelNames.parameterPrefix) {
            let name = String(label.name.dropFirst(LabelNames.parameterPrefix.count))
            var values = parameters[name] ?? []
            if values.isEmpty { values = [label.value] } else { values[0] = label.value }
            parameters[name] = values
        }
        let query = parameters.sorted { $0.key < $1.key }.flatMap { name, values in
            values.map { "\(Self.escaped(name))=\(Self.escaped($0))" }
        }
        let path = labels[LabelNames.metricsPath]
        let whole = path.hasPrefix("/") ? path : "/" + path
        let (base, rest) = (whole.prefix { $0 != "?" }, whole.drop { $0 != "?" }.dropFirst())
        let parts = (rest.isEmpty ? [] : [Self.escaped(rest, keeping: "&=%;/?+:@!$'()*,")]) + query
        return Self.escaped(base, keeping: "/%:@!$&'()*+,;=")
            + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
    }

    /// Text with everything escaped that cannot stand in a part of a URL.
    static func escaped(_ text: some StringProtocol, keeping kept: String = "") -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                result.append(byte)
            case _ where kept.utf8.contains(byte): result.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func listenAddress(
        _ address: String, isSecure: Bool
    ) throws(TargetFault) -> ListenAddress {
        guard !address.contains("/") else {
            throw TargetFault("'\(address)' is no address of a target; it is host:port alone")
        }
        do throws(ComponentError) {
            return try Endpoint(parsing: address, defaultPort: isSecure ? 443 : 80).target
        } catch {
            throw TargetFault("'\(address)' is no address of a target: \(error)")
        }
    }
}

/// Why a target that was found cannot be scraped.
struct TargetFault: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
