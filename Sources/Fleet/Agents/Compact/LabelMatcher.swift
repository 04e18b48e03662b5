internal import FleetModel

/// Decides for many agents whether selectors choose them: for all who have the same labels and the same
/// profile once.
struct LabelMatcher {
    private enum Finding: UInt8 {
        /// Not looked at yet.
        case unknown
        /// The key is not there.
        case absent
        case holds, fails
    }

    private struct Test {
        let requirement: Selector.Requirement
        let key: String
        let mayBeOwn: Bool
        var byLabels: [Finding]
        var byProfile: [Finding]
    }

    private var tests: [Test]

    /// Whether every agent is chosen.
    var choosesAll: Bool { tests.isEmpty }

    init(_ selectors: [Selector], in tables: InventoryTables) {
        tests = []
        for requirement in selectors.flatMap(\.requirements) {
            let key = requirement.key
            tests.append(
                Test(
                    requirement: requirement, key: key, mayBeOwn: tables.attributes.mayBeOwn(key),
                    byLabels: Array(repeating: .unknown, count: tables.labels.end),
                    byProfile: Array(repeating: .unknown, count: tables.attributes.profiles.end)))
        }
    }

    /// Whether an agent is chosen; the tables may have grown meanwhile.
    mutating func matches(
        labels: UInt32, profile: UInt32, own: @autoclosure () -> [UInt32],
        in tables: InventoryTables
    ) -> Bool {
        for index in tests.indices
        where !holds(index, labels: labels, profile: profile, own: own(), in: tables) { return false }
        return true
    }

    private mutating func holds(
        _ index: Int, labels: UInt32, profile: UInt32, own: @autoclosure () -> [UInt32],
        in tables: InventoryTables
    ) -> Bool {
        switch byLabels(index, labels, in: tables) {
        case .holds: return true
        case .fails: return false
        case .absent, .unknown: break
        }
        if tests[index].mayBeOwn, let value = tables.attributes.value(tests[index].key, among: own()) {
            return tests[index].requirement.holds(for: value)
        }
        switch byProfile(index, profile, in: tables) {
        case .holds: return true
        case .fails: return false
        case .absent, .unknown: return tests[index].requirement.holds(for: nil)
        }
    }

    private mutating func byLabels(
        _ index: Int, _ labels: UInt32, in tables: InventoryTables
    ) -> Finding {
        guard labels != .absent else { return .absent }
        if Int(labels) < tests[index].byLabels.count, tests[index].byLabels[Int(labels)] != .unknown {
            return tests[index].byLabels[Int(labels)]
        }
        let value = tables.labels[labels]?[tests[index].key]
        return Self.note(value, tests[index].requirement, at: Int(labels), in: &tests[index].byLabels)
    }

    private mutating func byProfile(
        _ index: Int, _ profile: UInt32, in tables: InventoryTables
    ) -> Finding {
        guard profile != .absent else { return .absent }
        if Int(profile) < tests[index].byProfile.count, tests[index].byProfile[Int(profile)] != .unknown {
            return tests[index].byProfile[Int(profile)]
        }
        let value = tables.attributes.value(tests[index].key, ofProfile: profile)
        return Self.note(value, tests[index].requirement, at: Int(profile), in: &tests[index].byProfile)
    }

    private static func note(
        _ value: String?, _ requirement: Selector.Requirement, at place: Int, in findings: inout [Finding]
    ) -> Finding {
        let finding: Finding = value.map { requirement.holds(for: $0) ? .holds : .fails } ?? .absent
        while findings.count <= place { findings.append(.unknown) }
        findings[place] = finding
        return finding
    }
}

extension Selector.Requirement {
    /// The label that it is about.
    var key: String {
        switch self {
        case .isOneOf(let key, _), .isNoneOf(let key, _), .exists(let key), .doesNotExist(let key): key
        }
    }

    /// Whether it holds where the label has this value, or is missing.
    func holds(for value: String?) -> Bool {
        switch self {
        case .isOneOf(_, let values): value.map(values.contains) ?? false
        case .isNoneOf(_, let values): !(value.map(values.contains) ?? false)
        case .exists: value != nil
        case .doesNotExist: value == nil
        }
    }
}
