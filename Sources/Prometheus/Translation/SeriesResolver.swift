/// Makes labels of a series out of what a page says and what the target has.
struct SeriesResolver: Sendable {
    let target: ScrapeTarget
    let settings: TranslationSettings

    /// The labels of a series of a page, its name among them; `nil` when relabeling drops it.
    func labels(
        name: String, _ exposed: [LabelSet.Label]
    ) throws(ScrapeFailure) -> LabelSet? {
        var labels = LabelSet(exposed)
        labels[LabelNames.metricName] = name
        if settings.honorsLabels {
            for label in target.labels.labels where !exposed.contains(where: { $0.name == label.name }) {
                labels[label.name] = label.value
            }
        } else {
            moveAside(&labels)
        }
        guard settings.rules.apply(to: &labels), !labels[LabelNames.metricName].isEmpty else { return nil }
        try check(labels)
        for label in settings.externalLabels.labels { labels[label.name] = label.value }
        return labels
    }

    /// The labels of a series that tells of the scrape itself.
    func ownLabels(name: String) -> LabelSet {
        var labels = target.labels
        labels[LabelNames.metricName] = name
        for label in settings.externalLabels.labels { labels[label.name] = label.value }
        return labels
    }

    /// Gives labels of the target, and those of the page that have their names new ones.
    private func moveAside(_ labels: inout LabelSet) {
        var moved: [LabelSet.Label] = []
        for label in target.labels.labels {
            let exposed = labels[label.name]
            if !exposed.isEmpty { moved.append(LabelSet.Label(label.name, exposed)) }
            labels[label.name] = label.value
        }
        for label in moved {
            var name = LabelNames.exportedPrefix + label.name
            while !labels[name].isEmpty { name = LabelNames.exportedPrefix + name }
            labels[name] = label.value
        }
    }

    private func check(_ labels: LabelSet) throws(ScrapeFailure) {
        let series = labels[LabelNames.metricName]
        if settings.labelLimit > 0, labels.count > settings.labelLimit {
            throw .limit("\(series) has \(labels.count) labels; label_limit is \(settings.labelLimit)")
        }
        for label in labels.labels {
            let (name, value) = (label.name.utf8.count, label.value.utf8.count)
            if settings.labelNameLengthLimit > 0, name > settings.labelNameLengthLimit {
                throw .limit(
                    "\(series) has a label whose name has \(name) bytes; label_name_length_limit is "
                        + "\(settings.labelNameLengthLimit)")
            }
            if settings.labelValueLengthLimit > 0, value > settings.labelValueLengthLimit {
                throw .limit(
                    "\(series) has a label whose value has \(value) bytes; label_value_length_limit is "
                        + "\(settings.labelValueLengthLimit)")
            }
        }
    }
}
