internal import Telemetry

extension SeriesTable {
    private static let unnamed: Set<String> = [
        LabelNames.metricName, LabelNames.job, LabelNames.instance, LabelNames.scheme, LabelNames.metricsPath,
    ]
    private static let scopePrefix = "otel_scope_"

    /// Finds the data point that a series belongs to, and what its value is there.
    ///
    /// The name is among the labels. `isNative` says whether the value is a native histogram, and the target
    /// gives job and instance to series that have none.
    mutating func resolve(
        _ labels: LabelSet, isNative: Bool, _ metadata: MetadataTable, _ target: ScrapeTarget
    ) -> SeriesEntry {
        var entry = SeriesEntry()
        entry.version = metadata.version
        let name = labels[LabelNames.metricName]
        let resource = self.resource(
            job: labels[LabelNames.job].isEmpty ? target.labels[LabelNames.job] : labels[LabelNames.job],
            instance: labels[LabelNames.instance].isEmpty
                ? target.labels[LabelNames.instance] : labels[LabelNames.instance])
        if name == "target_info" {
            let attributes = labels.labels.filter { !Self.unnamed.contains($0.name) }
            entry.role = .targetInfo(
                resource: resource, attributes.map { (AttributeKey($0.name), $0.value) })
            return entry
        }
        if name == "otel_scope_info" {
            let (scope, info) = scopeInfo(labels)
            entry.role = .scopeInfo(scope: scope, info)
            return entry
        }
        let (family, suffix) = Self.family(of: name, isNative: isNative, metadata)
        entry.role = Self.role(family, suffix)
        // OTLP has no exponential histogram of what goes up and down.
        if isNative, case .gauge = family.kind { entry.role = .unusable }
        let special = Self.boundLabel(family.kind)
        if case .bucket = entry.role {
            guard let bound = Self.bound(labels[LabelNames.bucketBound]) else {
                entry.role = .unusable
                return entry
            }
            entry.bound = bound
        } else if case .quantile = entry.role {
            guard let bound = Self.bound(labels[LabelNames.quantile]) else {
                entry.role = .unusable
                return entry
            }
            entry.bound = bound
        }
        if case .unusable = entry.role { return entry }
        entry.group = group(
            family: self.family(family), resource: resource, scope: scope(labels),
            Self.attributes(labels, without: special))
        return entry
    }

    private static func attributes(_ labels: LabelSet, without special: String?) -> EncodedAttributes {
        var attributes = EncodedAttributes()
        for label in labels.labels {
            let isLeftOut =
                unnamed.contains(label.name) || label.name == special || label.name.hasPrefix(scopePrefix)
            if !isLeftOut { attributes.append(AttributeKey(label.name), .string(label.value)) }
        }
        return attributes
    }

    private static func boundLabel(_ kind: OutputFamily.Kind) -> String? {
        switch kind {
        case .histogram, .exponentialHistogram: LabelNames.bucketBound
        case .summary: LabelNames.quantile
        case .gauge, .sum: nil
        }
    }

    private static func bound(_ text: String) -> Double? {
        guard let bound = Double(text), !bound.isNaN else { return nil }
        return bound
    }

    private mutating func scope(_ labels: LabelSet) -> Int {
        var scope = OutputScope()
        for label in labels.labels where label.name.hasPrefix(Self.scopePrefix) {
            switch label.name.dropFirst(Self.scopePrefix.count) {
            case "name": scope.name = label.value
            case "version": scope.version = label.value
            case "schema_url": scope.schemaURL = label.value
            case let rest: scope.attributes.append(LabelSet.Label(String(rest), label.value))
            }
        }
        return self.scope(scope)
    }

    /// The scope that `otel_scope_info` is about, and what else it says.
    private mutating func scopeInfo(_ labels: LabelSet) -> (Int, [LabelSet.Label]) {
        var scope = OutputScope()
        var rest: [LabelSet.Label] = []
        for label in labels.labels where !Self.unnamed.contains(label.name) {
            switch label.name {
            case "otel_scope_name": scope.name = label.value
            case "otel_scope_version": scope.version = label.value
            case "otel_scope_schema_url": scope.schemaURL = label.value
            default: rest.append(label)
            }
        }
        return (self.scope(scope), rest)
    }

    // MARK: - Families

    /// The metric that a series belongs to, and what stands behind the name of the family in its name.
    private static func family(
        of name: String, isNative: Bool, _ metadata: MetadataTable
    ) -> (OutputFamily, suffix: String) {
        if let own = ownFamilies[name] { return (own, "") }
        if let place = metadata.place(of: name), let type = metadata.families[place].type {
            return (family(name, type, isNative: isNative, metadata: place), "")
        }
        for suffix in ["_bucket", "_count", "_sum", "_total", "_info", "_created"]
        where name.hasSuffix(suffix) {
            let base = name.dropLast(suffix.count)
            guard let place = metadata.place(of: base), let type = metadata.families[place].type,
                type.suffixes.contains(suffix)
            else { continue }
            // The name of a counter keeps its suffix, and its `_created` belongs to it.
            let whole = type == .counter ? base + "_total" : base
            return (family(String(whole), type, isNative: isNative, metadata: place), suffix)
        }
        return (family(name, .unknown, isNative: isNative, metadata: nil), "")
    }

    private static func family(
        _ name: String, _ type: MetricType, isNative: Bool, metadata: Int?
    ) -> OutputFamily {
        let kind: OutputFamily.Kind =
            switch type {
            case .gaugeHistogram: .gauge
            case _ where isNative: .exponentialHistogram
            case .counter: .sum(isMonotonic: true)
            case .info, .stateSet: .sum(isMonotonic: false)
            case .histogram: .histogram
            case .summary: .summary
            case .gauge, .unknown: .gauge
            }
        return OutputFamily(
            name: name, kind: kind, type: isNative ? .histogram : type, metadata: metadata, help: "",
            unit: "")
    }

    private static func role(_ family: OutputFamily, _ suffix: String) -> SeriesEntry.Role {
        switch (family.kind, suffix) {
        case (_, "_created"): .created
        case (.exponentialHistogram, _): .native
        case (.gauge, _), (.sum, _): .value
        case (.histogram, "_bucket"): .bucket
        case (_, "_sum"): .sum
        case (_, "_count"): .count
        case (.summary, ""): .quantile
        case (.histogram, _), (.summary, _): .unusable
        }
    }

    /// What is said of the series that tell of the scrape itself.
    private static let ownFamilies: [String: OutputFamily] = {
        let texts = [
            ("up", "The scraping was successful", ""),
            ("scrape_duration_seconds", "Duration of the scrape", "s"),
            ("scrape_samples_scraped", "The number of samples the target exposed", ""),
            (
                "scrape_samples_post_metric_relabeling",
                "The number of samples remaining after metric relabeling was applied", ""
            ),
            ("scrape_series_added", "The approximate number of new series in this scrape", ""),
            ("scrape_timeout_seconds", "The configured scrape timeout for the target", "s"),
            ("scrape_sample_limit", "The configured sample limit for the target", ""),
            ("scrape_body_size_bytes", "The uncompressed size of the last scrape response", "By"),
        ]
        return Dictionary(
            uniqueKeysWithValues: texts.map { name, help, unit in
                (
                    name,
                    OutputFamily(
                        name: name, kind: .gauge, type: .gauge, metadata: nil, help: help, unit: unit)
                )
            })
    }()
}
