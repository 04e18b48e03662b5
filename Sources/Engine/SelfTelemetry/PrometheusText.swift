internal import Pipeline

/// The collector's own metrics in the Prometheus text format 0.0.4.
struct PrometheusText {
    /// Whether counters go without `_total`.
    let withoutTypeSuffix: Bool
    /// Whether names go without their unit.
    let withoutUnits: Bool
    /// Who the collector is, such as `service.name`; published as `target_info`.
    let resource: [(key: String, value: String)]

    /// The whole page.
    func render(_ families: [Metrics.Family]) -> String {
        var page = targetInfo
        for family in families where !family.samples.isEmpty {
            let name = name(of: family)
            page += "# HELP \(name) \(escapedHelp(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for sample in family.samples { render(sample, name, into: &page) }
        }
        return page
    }

    /// The resource, as OpenTelemetry's Prometheus compatibility specification maps it.
    private var targetInfo: String {
        guard !resource.isEmpty else { return "" }
        let labels = resource.map {
            (name: String($0.key.map { Self.isLabelCharacter($0) ? $0 : "_" }), value: $0.value)
        }
        return
            "# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info\(text(of: labels)) 1\n"
    }

    private static func isLabelCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }

    private func name(of family: Metrics.Family) -> String {
        var name = family.name
        if !withoutUnits, let unit = Self.unitNames[family.unit], !name.hasSuffix("_" + unit) {
            name += "_" + unit
        }
        if !withoutTypeSuffix, family.kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }

    private static let unitNames = ["s": "seconds", "By": "bytes", "ms": "milliseconds"]

    private func render(_ sample: Metrics.Sample, _ name: String, into page: inout String) {
        let labels = sample.labels
        switch sample.value {
        case .number(let value):
            page += "\(name)\(text(of: labels)) \(Self.number(value))\n"
        case .histogram(let histogram):
            var cumulative = 0
            for (index, count) in histogram.counts.enumerated() {
                cumulative += count
                let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
                page += "\(name)_bucket\(text(of: labels + [("le", bound)])) \(cumulative)\n"
            }
            page += "\(name)_sum\(text(of: labels)) \(Self.number(histogram.sum))\n"
            page += "\(name)_count\(text(of: labels)) \(histogram.count)\n"
        }
    }

    private func text(of labels: Metrics.Labels) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escapedLabel($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Integers without a fraction, as people expect of counts.
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private func escapedLabel(_ text: String) -> String { escape(text, quotes: true) }
    private func escapedHelp(_ text: String) -> String { escape(text, quotes: false) }

    private func escape(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }
}
