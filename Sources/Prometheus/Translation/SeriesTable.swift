internal import Telemetry

/// A metric of OTLP that series of a target belong to.
struct OutputFamily: Sendable {
    enum Kind: Sendable { case gauge, sum(isMonotonic: Bool), histogram, exponentialHistogram, summary }

    let name: String
    let kind: Kind
    let type: MetricType
    /// Where the page says what it is for; `nil` for those of the scrape itself and for what has no type.
    var metadata: Int?
    /// What is said of it, where no page does.
    let help: String
    let unit: String
    /// When it was first written to in the present scrape, to keep the order of the page.
    var order = 0
    var generation: UInt32 = 0

    var isCumulative: Bool {
        switch kind {
        case .gauge, .sum(isMonotonic: false): false
        case .sum(isMonotonic: true), .histogram, .exponentialHistogram, .summary: true
        }
    }
}

/// The job and instance that series belong to.
struct OutputResource: Sendable {
    let job: String
    let instance: String
    /// What `target_info` says, and in which scrape it did.
    var info: [(AttributeKey, String)] = []
    var generation: UInt32 = 0
}

/// The scope that series name.
struct OutputScope: Sendable, Hashable {
    var name = ""
    var version = ""
    var schemaURL = ""
    var attributes: [LabelSet.Label] = []

    /// Bytes of its texts.
    var byteCount: Int {
        attributes.reduce(name.utf8.count + version.utf8.count + schemaURL.utf8.count) {
            $0 + $1.name.utf8.count + $1.value.utf8.count
        }
    }

    var isDefault: Bool { name.isEmpty && version.isEmpty && schemaURL.isEmpty && attributes.isEmpty }
}

/// What is known of a series of a page, found by how the page writes it.
struct SeriesEntry: Sendable {
    /// What the value of the series is in its data point.
    enum Role: Sendable {
        case dropped, value, bucket, quantile, sum, count, created, native
        /// A part of a histogram or summary that is none, such as a bucket without a bound.
        case unusable
        /// `target_info`: attributes of its resource.
        case targetInfo(resource: Int, [(AttributeKey, String)])
        /// `otel_scope_info`: attributes of a scope.
        case scopeInfo(scope: Int, [LabelSet.Label])
    }

    var role = Role.dropped
    var group = -1
    /// The upper bound of a bucket, or the quantile.
    var bound = 0.0
    /// The scrape that had it last.
    var generation: UInt32 = 0
    /// What was known of families when it was looked at.
    var version: UInt32 = 0

    /// Bytes of attributes that only this entry has.
    fileprivate var byteCount: Int {
        switch role {
        case .targetInfo(_, let attributes):
            attributes.reduce(0) { $0 + 2 * Self.textSize + $1.0.name.utf8.count + $1.1.utf8.count }
        case .scopeInfo(_, let labels):
            labels.reduce(0) { $0 + 2 * Self.textSize + $1.name.utf8.count + $1.value.utf8.count }
        case .dropped, .value, .bucket, .quantile, .sum, .count, .created, .native, .unusable: 0
        }
    }

    /// Bytes of a text beside what it says.
    private static let textSize = 48
}

/// Everything that is kept of a target from scrape to scrape.
struct SeriesTable: Sendable {
    private struct FamilyKey: Hashable {
        let name: String
        let type: MetricType
        let isNative: Bool
    }
    private struct ResourceKey: Hashable {
        let job: String
        let instance: String
    }
    private struct GroupKey: Hashable {
        let family: Int
        let resource: Int
        let scope: Int
        let attributes: EncodedAttributes
    }

    private var places: [SeriesKey: Int] = [:]
    private(set) var entries: [SeriesEntry] = []
    private var families: [OutputFamily] = []
    private var familyPlaces: [FamilyKey: Int] = [:]
    var groups: [PointGroup] = []
    private var groupPlaces: [GroupKey: Int] = [:]
    var resources: [OutputResource] = []
    private var resourcePlaces: [ResourceKey: Int] = [:]
    private(set) var scopes: [OutputScope] = []
    private var scopePlaces: [OutputScope: Int] = [:]
    private var scopeInfo: [Int: [LabelSet.Label]] = [:]
    /// Bytes that keys and attributes take, and what stands around them.
    private(set) var byteCount = 0

    /// The place of a series.
    func place(of key: [UInt8]) -> Int? { places[SeriesKey(bytes: key)] }

    /// Adds a series that is not there.
    mutating func insert(_ key: [UInt8]) -> Int {
        places[SeriesKey(bytes: key)] = entries.count
        byteCount += key.count + 120
        entries.append(SeriesEntry())
        return entries.count - 1
    }

    /// Takes what was found out about a series.
    mutating func set(_ entry: SeriesEntry, at place: Int) {
        byteCount += entry.byteCount - entries[place].byteCount
        entries[place] = entry
    }

    /// Takes note of the scrape that has a series.
    mutating func see(_ place: Int, in generation: UInt32) { entries[place].generation = generation }

    func family(_ index: Int) -> OutputFamily { families[index] }

    /// When a family was first written to in the scrape that had it last.
    func order(ofFamily index: Int) -> Int { families[index].order }

    mutating func setOrder(_ order: Int, of family: Int, _ generation: UInt32) {
        families[family].order = order
        families[family].generation = generation
    }

    /// The place of a family, made when it is not there.
    mutating func family(_ family: OutputFamily) -> Int {
        let isNative = if case .exponentialHistogram = family.kind { true } else { false }
        let key = FamilyKey(name: family.name, type: family.type, isNative: isNative)
        if let place = familyPlaces[key] {
            // It may have been forgotten what it is for.
            if families[place].metadata == nil { families[place].metadata = family.metadata }
            return place
        }
        familyPlaces[key] = families.count
        byteCount += family.name.utf8.count * 2 + 300
        families.append(family)
        return families.count - 1
    }

    /// The place of a resource, made when it is not there.
    mutating func resource(job: String, instance: String) -> Int {
        let key = ResourceKey(job: job, instance: instance)
        if let place = resourcePlaces[key] { return place }
        resourcePlaces[key] = resources.count
        byteCount += (job.utf8.count + instance.utf8.count) * 2 + 300
        resources.append(OutputResource(job: job, instance: instance))
        return resources.count - 1
    }

    /// The place of a scope, made when it is not there.
    mutating func scope(_ scope: OutputScope) -> Int {
        if let place = scopePlaces[scope] { return place }
        scopePlaces[scope] = scopes.count
        byteCount += scope.byteCount * 2 + 300
        scopes.append(scope)
        return scopes.count - 1
    }

    /// What `otel_scope_info` says of a scope.
    func info(ofScope scope: Int) -> [LabelSet.Label] { scopeInfo[scope] ?? [] }

    mutating func setInfo(_ info: [LabelSet.Label], ofScope scope: Int) { scopeInfo[scope] = info }

    /// The place of a data point, made when it is not there.
    mutating func group(family: Int, resource: Int, scope: Int, _ attributes: EncodedAttributes) -> Int {
        let key = GroupKey(family: family, resource: resource, scope: scope, attributes: attributes)
        if let place = groupPlaces[key] { return place }
        groupPlaces[key] = groups.count
        byteCount += attributes.byteCount + 500
        groups.append(
            PointGroup(family: family, resource: resource, scope: scope, attributes: attributes))
        return groups.count - 1
    }

    /// Takes note of where families are told of now.
    mutating func moveMetadata(_ moved: [Int?]) {
        for index in families.indices {
            families[index].metadata = families[index].metadata.flatMap { moved[$0] }
        }
    }

    /// Forgets series that the scrape did not have, and what only they belong to, where there are more of
    /// them than of the others, or where they take half of the room that the others leave.
    ///
    /// `use` is the part of the room that all of them take.
    mutating func prune(_ generation: UInt32, seen: Int, use: Double) {
        let gone = entries.count - seen
        let wasted = use * Double(gone) / Double(max(entries.count, 1))
        guard gone > seen + 1000 || wasted > (1 - use + wasted) / 2 else { return }
        var kept = SeriesTable()
        var moved: [Int: Int] = [:]
        for (key, place) in places where entries[place].generation == generation {
            var entry = entries[place]
            switch entry.role {
            case .targetInfo(let resource, let attributes):
                entry.role = .targetInfo(resource: kept.take(resource: resource, of: self), attributes)
            case .scopeInfo(let scope, let attributes):
                entry.role = .scopeInfo(scope: kept.take(scope: scope, of: self), attributes)
            default: break
            }
            if entry.group >= 0 {
                let group = moved[entry.group] ?? kept.take(group: entry.group, of: self)
                moved[entry.group] = group
                entry.group = group
            }
            kept.set(entry, at: kept.insert(key.bytes))
        }
        self = kept
    }

    private mutating func take(resource index: Int, of other: SeriesTable) -> Int {
        let resource = other.resources[index]
        let place = self.resource(job: resource.job, instance: resource.instance)
        resources[place] = resource
        return place
    }

    private mutating func take(scope index: Int, of other: SeriesTable) -> Int {
        let place = scope(other.scopes[index])
        scopeInfo[place] = other.scopeInfo[index]
        return place
    }

    private mutating func take(group index: Int, of other: SeriesTable) -> Int {
        var group = other.groups[index]
        group.family = family(other.families[group.family])
        group.resource = take(resource: group.resource, of: other)
        group.scope = take(scope: group.scope, of: other)
        let place = self.group(
            family: group.family, resource: group.resource, scope: group.scope, group.attributes)
        groups[place] = group
        return place
    }
}
