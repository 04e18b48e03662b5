extension ScrapeTranslator {
    /// Takes a value into its data point.
    mutating func take(
        _ sample: ExpositionSample, _ place: Int, at time: Int64, _ outcome: inout ScrapeOutcome
    ) {
        let isAgain = table.entries[place].generation == generation
        if !isAgain {
            let isNew = table.entries[place].generation != generation &- 1
            if isNew, table.entries[place].group >= 0 { outcome.added += 1 }
            table.see(place, in: generation)
            seen += 1
        }
        let entry = table.entries[place]
        switch entry.role {
        case .dropped: break
        case .unusable: outcome.incomplete += 1
        case .targetInfo(let resource, let attributes):
            table.resources[resource].info = attributes
            table.resources[resource].generation = generation
        case .scopeInfo(let scope, let attributes): table.setInfo(attributes, ofScope: scope)
        case .value, .bucket, .quantile, .sum, .count, .created, .native:
            let own = settings.honorsTimestamps ? sample.timestamp : nil
            touch(entry.group, at: own ?? time, hasOwnTime: own != nil)
            guard !isAgain, table.groups[entry.group].time == own ?? time, put(sample, entry) else {
                outcome.duplicates += 1
                return
            }
        }
    }

    /// Begins a data point, when it has not begun in this scrape.
    mutating func touch(_ group: Int, at time: Int64, hasOwnTime: Bool) {
        guard table.groups[group].generation != generation else { return }
        table.groups[group].begin(generation, time: time, hasOwnTime: hasOwnTime)
        addInOrder(group)
    }

    private mutating func addInOrder(_ group: Int) {
        let family = table.groups[group].family
        if table.family(family).generation != generation {
            table.setOrder(touched.count, of: family, generation)
        }
        touched.append(group)
    }

    /// Puts a value into its place; false when there is one already.
    private mutating func put(_ sample: ExpositionSample, _ entry: SeriesEntry) -> Bool {
        let (value, index) = (sample.value, entry.group)
        switch entry.role {
        case .value where table.groups[index].value == nil: table.groups[index].value = value
        case .sum where table.groups[index].sum == nil: table.groups[index].sum = value
        case .count where table.groups[index].count == nil: table.groups[index].count = value
        case .bucket, .quantile: table.groups[index].points.append((entry.bound, value))
        case .created: table.groups[index].created = NumberText.milliseconds(ofSeconds: value)
        case .native where table.groups[index].native == nil:
            table.groups[index].native = sample.histogram
            table.groups[index].count = value
            table.groups[index].sum = sample.histogram?.sum
        default: return false
        }
        if let created = sample.created { table.groups[index].created = created }
        let room = TranslationSettings.exemplarLimit - table.groups[index].exemplars.count
        if !sample.exemplars.isEmpty, room > 0 {
            table.groups[index].exemplars += sample.exemplars.prefix(room)
        }
        return true
    }

    /// Makes stale what was live and is not in this scrape.
    mutating func retire(at time: Int64) {
        for index in table.groups.indices
        where table.groups[index].isLive && table.groups[index].generation != generation {
            table.groups[index].becomeStale(at: time)
            table.groups[index].generation = generation
            addInOrder(index)
        }
    }

    /// Ends a scrape: lets go values that are of no use after it.
    mutating func releaseValues() {
        for index in touched { table.groups[index].release() }
        touched.removeAll(keepingCapacity: true)
    }

    // MARK: - The scrape itself

    /// Adds the series that tell of the scrape.
    mutating func report(
        _ outcome: ScrapeOutcome, isUp: Bool, at time: Int64, elapsed: Double, bodySize: Int
    ) {
        tell("up", isUp ? 1 : 0, at: time)
        tell("scrape_duration_seconds", elapsed, at: time)
        tell("scrape_samples_scraped", Double(outcome.scraped), at: time)
        tell("scrape_samples_post_metric_relabeling", Double(outcome.kept), at: time)
        tell("scrape_series_added", Double(outcome.added), at: time)
        guard let timeout = settings.extraSeriesTimeout else { return }
        tell("scrape_timeout_seconds", timeout, at: time)
        tell("scrape_sample_limit", Double(settings.sampleLimit), at: time)
        tell("scrape_body_size_bytes", Double(bodySize), at: time)
    }

    private mutating func tell(_ name: String, _ value: Double, at time: Int64) {
        // No series of a page begins with this byte.
        key = [0xFF] + Array(name.utf8)
        let place = table.place(of: key) ?? table.insert(key)
        if table.entries[place].group < 0 {
            let entry = table.resolve(resolver.ownLabels(name: name), isNative: false, metadata, target)
            table.set(entry, at: place)
        }
        table.see(place, in: generation)
        let group = table.entries[place].group
        // When it was retired a moment ago, it is in the list already.
        if table.groups[group].generation == generation {
            table.groups[group].begin(generation, time: time, hasOwnTime: false)
        } else {
            touch(group, at: time, hasOwnTime: false)
        }
        table.groups[group].value = value
    }
}
