internal import Patterns
internal import Pipeline
internal import Telemetry
internal import Wire

/// The section `include` or `exclude`, ready to be asked about records.
///
/// What it asks of the resource, the scope and the metric it looks at once for each of them.
struct RecordMatcher {
    private static let serviceName: AttributeKey = "service.name"

    /// Where it has to look beside records.
    private(set) var places: Places = []
    private var services: TextMatcher?
    private var spanNames: TextMatcher?
    private var spanKinds: [Bool]?
    private var logBodies: TextMatcher?
    private var logSeverityTexts: TextMatcher?
    private let severity: MatchSettings.Severity?
    private var metricNames: TextMatcher?
    private var attributes: [AttributeMatcher] = []
    private var resources: [AttributeMatcher] = []
    private var libraries: [(name: TextMatcher, version: TextMatcher?)] = []
    /// What it found out about what is around the records.
    private var resourceMatches = true
    private var scopeMatches = true
    private var metricMatches = true

    init(_ settings: MatchSettings) throws(PatternError) {
        let type = settings.matchType
        func texts(_ texts: [String]) throws(PatternError) -> TextMatcher? {
            texts.isEmpty ? nil : try TextMatcher(texts, type)
        }
        services = try texts(settings.services)
        spanNames = try texts(settings.spanNames)
        if let kinds = try texts(settings.spanKinds) {
            spanKinds = (0...6).map { kinds.matches(SpanKind.name($0)) }
        }
        logBodies = try texts(settings.logBodies)
        logSeverityTexts = try texts(settings.logSeverityTexts)
        severity = settings.logSeverityNumber
        metricNames = try texts(settings.metricNames)
        for pair in settings.attributes { attributes.append(try AttributeMatcher(pair, type)) }
        for pair in settings.resources { resources.append(try AttributeMatcher(pair, type)) }
        for library in settings.libraries {
            let version: TextMatcher? =
                if let text = library.version { try TextMatcher([text], type) } else { nil }
            libraries.append((try TextMatcher([library.name], type), version))
        }
        if services != nil || !resources.isEmpty { places.insert(.resource) }
        if !libraries.isEmpty { places.insert(.scope) }
        if metricNames != nil { places.insert(.metric) }
    }

    /// Looks at what is around the records that come next.
    mutating func look(at draft: Draft) {
        switch draft.kind {
        case .resource: resourceMatches = matches(resource: draft)
        case .scope:
            scopeMatches =
                libraries.isEmpty
                || libraries.contains { library in
                    draft.withData(1) { library.name.matches($0) }
                        && (library.version.map { version in draft.withData(2) { version.matches($0) } }
                            ?? true)
                }
        case .metric:
            metricMatches = metricNames.map { names in draft.withData(1) { names.matches($0) } } ?? true
        default: break
        }
    }

    private func matches(resource: Draft) -> Bool {
        if let services {
            let matches =
                resource.withAttribute(Self.serviceName) { value in
                    value.string.map { services.matches($0) } ?? services.matches(value.view.text)
                } ?? services.matches("<nil-service-name>")
            guard matches else { return false }
        }
        return resources.allSatisfy { $0.matches(resource) }
    }

    /// Whether a record matches, after what is around it was looked at.
    func matches(_ record: Draft) -> Bool {
        guard resourceMatches, scopeMatches, metricMatches else { return false }
        switch record.kind {
        case .span:
            if let spanNames, !record.withData(5, { spanNames.matches($0) }) { return false }
            if let spanKinds, !spanKinds[Int(min(record.unsigned(6), 6))] { return false }
        case .logRecord:
            guard matches(log: record) else { return false }
        default: return true
        }
        return attributes.allSatisfy { $0.matches(record) }
    }

    private func matches(log record: Draft) -> Bool {
        if let logBodies {
            let matches = record.withValue(5) { body in
                body.string.map { logBodies.matches($0) } ?? logBodies.matches(body.view.text)
            }
            guard matches else { return false }
        }
        if let logSeverityTexts, !record.withData(3, { logSeverityTexts.matches($0) }) { return false }
        guard let severity else { return true }
        let number = record.unsigned(2)
        return number == 0 ? severity.matchUndefined : number >= UInt64(severity.min)
    }
}

/// The sections `include` and `exclude` together: which records a processor works on.
struct RecordSelection {
    private var include: RecordMatcher?
    private var exclude: RecordMatcher?

    init(include: MatchSettings?, exclude: MatchSettings?) throws(ComponentError) {
        self.include = try Self.matcher(include, "include")
        self.exclude = try Self.matcher(exclude, "exclude")
    }

    private static func matcher(
        _ settings: MatchSettings?, _ key: String
    ) throws(ComponentError) -> RecordMatcher? {
        guard let settings else { return nil }
        do throws(PatternError) {
            return try RecordMatcher(settings)
        } catch {
            throw ComponentError("is not a regular expression of RE2: \(error)", key: key)
        }
    }

    /// Where it has to look beside records.
    var places: Places { (include?.places ?? []).union(exclude?.places ?? []) }

    /// Looks at what is around the records that come next.
    mutating func look(at draft: Draft) {
        include?.look(at: draft)
        exclude?.look(at: draft)
    }

    /// Whether the processor works on a record.
    func contains(_ record: Draft) -> Bool {
        if let include, !include.matches(record) { return false }
        if let exclude, exclude.matches(record) { return false }
        return true
    }
}
