internal import Patterns
internal import Pipeline
internal import Telemetry

/// The sections `include` and `exclude` of `spans`, `metrics` and `logs`.
///
/// Records are dropped one by one. Of metrics whole resources are dropped by their attributes, and metrics by
/// their names, each on its own: a resource is dropped also when metrics of other names are excluded.
struct OlderSelection {
    private enum Matcher {
        case records(RecordMatcher)
        case metrics(resources: [AttributeMatcher]?, names: TextMatcher?)
    }

    /// What a section says, and the rule it is in the ledger.
    private struct Section {
        let rule: Int
        let isInclude: Bool
        var matcher: Matcher
    }

    private var sections: [Section] = []
    /// What the rules are called.
    private(set) var names: [String] = []

    /// `names` are those of the sections, the first of their rules has the number `first`.
    init(
        include: MatchSettings?, exclude: MatchSettings?, of key: String, isMetrics: Bool, first: Int
    ) throws(ComponentError) {
        for (settings, name) in [(include, "include"), (exclude, "exclude")] {
            guard let settings, !settings.isEmpty else { continue }
            do throws(PatternError) {
                let matcher: Matcher =
                    isMetrics ? try Self.metrics(settings) : .records(try RecordMatcher(settings))
                sections.append(
                    Section(rule: first + names.count, isInclude: name == "include", matcher: matcher))
                names.append("\(key).\(name)")
            } catch {
                throw ComponentError("is not a regular expression of RE2: \(error)", key: "\(key).\(name)")
            }
        }
    }

    private static func metrics(_ settings: MatchSettings) throws(PatternError) -> Matcher {
        var resources: [AttributeMatcher] = []
        for pair in settings.resources {
            resources.append(try AttributeMatcher(pair, settings.matchType))
        }
        let names =
            settings.metricNames.isEmpty
            ? nil : try TextMatcher(settings.metricNames, settings.matchType)
        return .metrics(resources: resources.isEmpty ? nil : resources, names: names)
    }

    /// Where it has to look.
    var places: Places {
        sections.reduce(into: []) { places, section in
            switch section.matcher {
            case .records(let matcher): places.formUnion(matcher.places.union(.record))
            case .metrics(let resources, let names):
                if resources != nil { places.insert(.resource) }
                if names != nil { places.insert(.metric) }
            }
        }
    }

    /// The number of the rule that drops a draft; `nil` when it stays.
    mutating func rule(for draft: Draft) -> Int? {
        for index in sections.indices {
            guard let matches = matches(draft, at: index) else { continue }
            if matches != sections[index].isInclude { return sections[index].rule }
        }
        return nil
    }

    /// Whether a draft matches a section; `nil` where the section says nothing about it.
    private mutating func matches(_ draft: Draft, at index: Int) -> Bool? {
        switch sections[index].matcher {
        case .records(var matcher):
            guard draft.kind.place == .record else {
                matcher.look(at: draft)
                sections[index].matcher = .records(matcher)
                return nil
            }
            return matcher.matches(draft)
        case .metrics(let resources, let names):
            switch draft.kind {
            case .resource: return resources.map { $0.allSatisfy { $0.matches(draft) } }
            case .metric: return names.map { names in draft.withData(1) { names.matches($0) } }
            default: return nil
            }
        }
    }
}
