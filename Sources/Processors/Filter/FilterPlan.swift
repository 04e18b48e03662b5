internal import OTTL
internal import Pipeline
internal import Telemetry

/// What is dropped of one signal, ready to be asked.
struct FilterPlan {
    /// How many conditions call one another.
    private static let chainLimit = 256

    /// The conditions at one place, as a chain of rules.
    struct Level {
        let place: Places
        let first: Rule
        /// Where the chain was cut so that the stack does not grow with the configuration.
        let more: [Rule]
    }

    /// A condition, and those that are asked when it does not hold.
    ///
    /// A class with constants only, so that nothing is copied or counted when it is asked.
    final class Rule {
        private let number: Int
        private let condition: Condition
        private let errorMode: ErrorMode
        private let next: Rule?

        init(_ number: Int, _ condition: Condition, _ errorMode: ErrorMode, next: Rule?) {
            self.number = number
            self.condition = condition
            self.errorMode = errorMode
            self.next = next
        }

        /// The number of the first rule that holds; `nil` when none does.
        func match(_ frame: Frame, _ tally: inout FailureTally) -> Int? {
            do throws(EvaluationError) {
                if try condition.holds(frame) { return number }
            } catch {
                let failure = StatementFailure(text: condition.text, error: error)
                if tally.note(failure, errorMode) { return nil }
            }
            return next?.match(frame, &tally)
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
            var (chain, more) = ([Rule](), [Rule]())
            for (index, rule) in own.enumerated().reversed() {
                let isCut = (index + 1) % Self.chainLimit == 0
                if isCut, let last = chain.popLast() { more.append(last) }
                chain = [
                    Rule(
                        names.count + index, rule.condition, rule.errorMode ?? errorMode,
                        next: chain.popLast())
                ]
            }
            names += own.map(\.name)
            for first in chain {
                levels.append(Level(place: context.place, first: first, more: more.reversed()))
            }
        }
        self.older = older
        self.levels = levels
        self.names = names + (older?.names ?? [])
        places = levels.reduce(into: older?.places ?? []) { $0.formUnion($1.place) }
    }

    /// Whether nothing is ever dropped.
    var isEmpty: Bool { places.isEmpty }

    /// The conditions that drafts at a place are asked for.
    func level(at place: Places) -> Level? { levels.first { $0.place == place } }
}
