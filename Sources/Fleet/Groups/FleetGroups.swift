internal import FleetModel
public import FleetStore
public import Logging
public import Pipeline

/// The saved groups; all of them are in memory.
public final class FleetGroups: Sendable {
    /// The most groups there may be.
    public static let limit = 10_000

    private let rows: NamedRows<FleetGroup>

    /// A group and the version of its document, for `ETag`.
    public typealias Versioned = (group: FleetGroup, version: Int64)

    private init(_ rows: NamedRows<FleetGroup>) { self.rows = rows }

    /// Reads the groups of a store.
    public static func open(
        _ store: FleetStore, clock: any PipelineClock, logger: Logger
    ) async throws(StoreError) -> FleetGroups {
        FleetGroups(try await .open("group", limit: limit, store, clock: clock, logger: logger))
    }

    /// Takes over what other managers change, until the task is cancelled.
    public func follow() async { await rows.follow() }

    /// All groups by name.
    public func list() -> [Versioned] { rows.table.all.map { ($0.row, $0.version) } }

    /// A group by its name.
    public func group(_ name: String) -> Versioned? { rows.table[name].map { ($0.row, $0.version) } }

    /// The groups that choose an agent with these labels, by name.
    public func containing(_ labels: [String: String]) -> [FleetGroup] {
        rows.table.all.map(\.row).filter { $0.selector.matches(labels) }
    }

    /// Makes a group or replaces it.
    ///
    /// - Parameters:
    ///   - group: What it is to be.
    ///   - version: The version that is replaced; 0 for a new group, `nil` for whatever there is.
    /// - Returns: The new version.
    /// - Throws: `LibraryError`.
    @discardableResult
    public func put(_ group: FleetGroup, over version: Int64?) async throws(LibraryError) -> Int64 {
        let problems = group.problems
        guard problems.isEmpty else {
            throw .invalid(problems.map { ConfigurationFinding(rule: "structure", $0) })
        }
        return try await rows.put(group, over: version)
    }

    /// Deletes a group; agents keep what they run.
    public func delete(_ name: String, version: Int64?) async throws(LibraryError) {
        try await rows.delete(name, version: version)
    }

    /// What groups say to the template of an agent with these labels.
    func values(for labels: [String: String]) -> [GroupValues] {
        rows.table.rows.compactMap { group in
            guard !group.values.isEmpty, group.selector.matches(labels) else { return nil }
            return GroupValues(name: group.name, priority: group.priority, values: group.values)
        }
    }
}
