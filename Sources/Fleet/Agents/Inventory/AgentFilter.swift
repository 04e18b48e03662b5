internal import FleetModel
internal import OpAMP

/// What a list sees while it has the inventory: no copies, and gone before anybody changes something.
struct InventorySlice {
    let tables: InventoryTables
    let agents: [Agent?]
}

/// Decides which agents a query is about.
struct AgentFilter {
    private let query: AgentQuery
    private var labels: LabelMatcher
    private var text: TextMatcher
    private let effective: UInt32?
    /// 0 is not looked at yet, 1 is one, 2 is none.
    private var builds: [UInt8] = []
    private var terms: [UInt8] = []

    init(_ query: AgentQuery, in tables: InventoryTables) {
        self.query = query
        labels = LabelMatcher(query.selectors, in: tables)
        text = TextMatcher(query.search)
        effective = query.effective.map { tables.effective.number(of: $0) ?? .absent }
    }

    mutating func matches(_ row: HotAgent, _ place: UInt32, in slice: InventorySlice) -> Bool {
        if row.flags.contains(.isWaiting), !query.includesWaiting { return false }
        if let isConnected = query.isConnected, row.flags.contains(.isConnected) != isConnected {
            return false
        }
        if let isHealthy = query.isHealthy, row.isHealthy != isHealthy { return false }
        if let drift = query.drift, row.drift != drift.number { return false }
        if let effective, row.effective != effective || effective == .absent { return false }
        if query.version != nil, !hasVersion(row.build, in: slice.tables) { return false }
        if query.revision != nil, !hasRevision(row.terms, in: slice.tables) { return false }
        if !labels.choosesAll,
            !labels.matches(
                labels: row.labels, profile: row.profile, own: slice.agents[Int(place)]?.own ?? [],
                in: slice.tables)
        {
            return false
        }
        return text.choosesAll || hasText(row, place, in: slice)
    }

    private mutating func hasVersion(_ build: UInt32, in tables: InventoryTables) -> Bool {
        Self.look(build, in: &builds) { tables.builds[build]?.version == query.version }
    }

    private mutating func hasRevision(_ number: UInt32, in tables: InventoryTables) -> Bool {
        Self.look(number, in: &terms) { tables.terms[number]?.revision == query.revision }
    }

    private mutating func hasText(_ row: HotAgent, _ place: UInt32, in slice: InventorySlice) -> Bool {
        guard let agent = slice.agents[Int(place)] else { return false }
        if text.isIn(agent.name) { return true }
        let numbers = AttributeTable.Numbers(profile: row.profile, own: agent.own)
        if text.matches(labels: row.labels, attributes: numbers, in: slice.tables) { return true }
        return text.isIn(row.uid.description)
    }

    private static func look(_ number: UInt32, in known: inout [UInt8], _ find: () -> Bool) -> Bool {
        guard number != .absent else { return false }
        while known.count <= number { known.append(0) }
        if known[Int(number)] == 0 { known[Int(number)] = find() ? 1 : 2 }
        return known[Int(number)] == 1
    }
}
