public import Settings

extension TailSampling {
    /// A part of a composite policy.
    public struct CompositePart: SettingGroup {
        public var simple = SimplePolicy()
        public var and: And?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(embedding: \.simple),
            Field("and", \.and, "Traces that several policies sample."),
        ]

        public func check() -> [Problem] {
            switch simple.type {
            case .not, .drop, .composite:
                return [
                    Problem("type", "cannot be '\(simple.type?.rawValue ?? "")' inside of a composite policy")
                ]
            case let type?:
                return [TailSampling.problem(of: .and, and != nil, in: type)].compactMap { $0 }
            case nil: return []
            }
        }
    }

    /// How much of its rate a composite policy gives to a part.
    public struct RateAllocation: SettingGroup {
        public var policy = ""
        public var percent: Int64 = 0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("policy", \.policy, "The name of the part.", required: true),
            Field("percent", \.percent, "Percentage of the rate; 0 is the same for all parts.") {
                (0...100).contains($0) ? nil : "must be from 0 to 100"
            },
        ]
    }

    /// The keys of `composite`.
    public struct Composite: SettingGroup {
        public var maxTotalSpansPerSecond: Int64 = 0
        public var policyOrder: [String] = []
        public var parts: [CompositePart] = []
        public var rateAllocation: [RateAllocation] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "max_total_spans_per_second", \.maxTotalSpansPerSecond,
                "Spans per second of all that it samples.", required: true
            ) { $0 < 1 ? "must be 1 or more" : nil },
            Field(
                "policy_order", \.policyOrder,
                "Names of the parts in the order in which they are asked; those that are missing come last."),
            Field("composite_sub_policy", \.parts, "Its parts.", required: true),
            Field(
                "rate_allocation", \.rateAllocation,
                "What parts get of the rate; parts without one get what others leave of it."),
        ]

        public func check() -> [Problem] {
            if parts.isEmpty { return [Problem("composite_sub_policy", "needs at least one policy")] }
            let names = parts.map { $0.simple.name }
            var problems = TailSampling.repeated(names).map {
                Problem("composite_sub_policy.\($0)", "has the name of an earlier policy, '\(names[$0])'")
            }
            for (index, name) in policyOrder.enumerated() where !names.contains(name) {
                problems.append(Problem("policy_order.\(index)", "there is no part '\(name)'"))
            }
            problems += TailSampling.repeated(policyOrder).map {
                Problem("policy_order.\($0)", "is there a second time")
            }
            let allocated = rateAllocation.map { $0.policy }
            for (index, name) in allocated.enumerated() where !names.contains(name) {
                problems.append(Problem("rate_allocation.\(index).policy", "there is no part '\(name)'"))
            }
            problems += TailSampling.repeated(allocated).map {
                Problem("rate_allocation.\($0).policy", "is there a second time")
            }
            return problems
        }

        /// The parts in the order in which they are asked.
        var ordered: [CompositePart] {
            policyOrder.compactMap { name in parts.first { $0.simple.name == name } }
                + parts.filter { !policyOrder.contains($0.simple.name) }
        }

        /// Spans per second that a part may have; all parts together have the total.
        func limit(of part: CompositePart) -> Int {
            guard let allocation = rateAllocation.first(where: { $0.policy == part.simple.name }) else {
                return Int(maxTotalSpansPerSecond)
            }
            let (total, percent) = (Int(maxTotalSpansPerSecond), Int(allocation.percent))
            guard percent > 0 else { return total / max(parts.count, 1) }
            // In this order, because the total times a percentage need not be a number that there is.
            return total / 100 * percent + total % 100 * percent / 100
        }
    }

    /// Where in a list names stand that stood in it before.
    static func repeated(_ names: [String]) -> [Int] {
        names.indices.filter { names[..<$0].contains(names[$0]) }
    }

    /// A policy.
    public struct Policy: SettingGroup {
        public var simple = SimplePolicy()
        public var and: And?
        public var not: Not?
        public var drop: Drop?
        public var composite: Composite?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(embedding: \.simple),
            Field("and", \.and, "Traces that several policies sample."),
            Field("not", \.not, "Traces that another policy does not sample."),
            Field("drop", \.drop, "Traces that are not sampled, whatever other policies say."),
            Field(
                "composite", \.composite, "Traces that one of several policies samples, each within a rate."),
        ]

        public func check() -> [Problem] {
            guard let type = simple.type else { return [] }
            return [
                TailSampling.problem(of: .and, and != nil, in: type),
                TailSampling.problem(of: .not, not != nil, in: type),
                TailSampling.problem(of: .drop, drop != nil, in: type),
                TailSampling.problem(of: .composite, composite != nil, in: type),
            ].compactMap { $0 }
        }

        /// Whether it or a part of it remembers what it has sampled.
        var isStateful: Bool {
            let parts: [SimplePolicy] =
                (and?.parts ?? []).map { $0.simple } + (drop?.parts ?? []).map { $0.simple }
                + [not?.part?.simple].compactMap { $0 }
                + (composite?.parts ?? []).flatMap { [$0.simple] + ($0.and?.parts ?? []).map { $0.simple } }
            return simple.isStateful || parts.contains { $0.isStateful }
        }
    }
}
