internal import OTTL
internal import Pipeline
internal import Telemetry

/// What is dropped of one signal, ready to be asked.
struct FilterPlan {
    /// The conditions of one context.
    ///
    /// A class, so that what a condition needs is neither copied nor counted when it is asked.
    final class Level {
        let place: Places
        let rules: [(number: Int, condition: Condition, errorMode: ErrorMode)]

        init(_ place: Places, _ rules: [(number: Int, condition: Condition, errorMode: ErrorMode)]) {
            self.place = place
            self.rules = rules
        }

        /// The number of the first rule that holds; `nil` when none does.
        func rule(for frame: Frame, _ tally: inout FailureTally) -> Int? {
            for index in rules.indices {
                do throws(EvaluationError) {
                    if try rules[index].condition.holds(frame) { return rules[index].number }
                } catch {
                    let failure = StatementFailure(text: rules[index].condition.text, error: error)
                    if tally.note(failure, rules[index].errorMode) { return nil }
                }
            }
            return nil
        }
    }

    let levels: [Level]
    var older: OlderSelection?
    /// What the rules are called, by their numbers.
    let names: [String]
    /// Where the rewriter has to look.
    let places: Places

    init(_ rules: [FilterRule], older: OlderSelection?, errorMode: ErrorMode) {
        var (names, levels) = ([String](), [Level]())
        for context in OTTLContext.allCases {
            let own = rules.filter { $0.condition.context == context }
            guard !own.isEmpty else { continue }
            let numbered = own.enumerated().map { index, rule in
                (
                    number: names.count + index, condition: rule.condition,
                    errorMode: rule.errorMode ?? errorMode
                )
            }
            names += own.map(\.name)
            levels.append(Level(context.place, numbered))
        }
        self.older = older
        self.levels = levels
        self.names = names + (older?.names ?? [])
        places = levels.reduce(into: older?.places ?? []) { $0.formUnion($1.place) }
    }

    /// Whether nothing is ever dropped.
    var isEmpty: Bool { places.isEmpty }

    /// The conditions that a draft is asked for.
    @inline(__always)
    func level(at place: Places) -> Level? {
        for index in levels.indices where levels[index].place == place { return levels[index] }
        return nil
    }
}
