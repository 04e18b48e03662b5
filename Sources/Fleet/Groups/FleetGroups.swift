internal import FleetModel
public import FleetStore
public import Logging
public import Pipeline

/// The saved groups; all of them are in memory.
public final class FleetGroups: Sendable {
    /// The most groups there may be.
    public static let limit = 10_000

    private let table: DocumentTable<FleetGroup>
    private let follower: StoreFollower

    /// A group and the version of its document, for `ETag`.
    public typealias Versioned = (group: FleetGroup, version: Int64)

    private init(_ store: FleetStore, clock: any PipelineClock, logger: Logger) {
        table = DocumentTable(store)
        follower = StoreFollower(store: store, clock: clock, logger: logger)
    }

    /// Reads the groups of a store.
    public static func open(
        _ store: FleetStore, clock: any PipelineClock, logger: Logger
    ) async throws(StoreError) -> FleetGroups {
        let groups = FleetGroups(store, clock: clock, logger: logger)
        try await groups.table.load()
        return groups
    }

    /// Takes over what other managers change, until the task is cancelled.
    public func follow() async {
        await follower.follow { [table] (change) async throws(StoreError) in try await table.note(change) }
    }

    /// All groups by name.
    public func list() -> [Versioned] { table.all.map { ($0.row, $0.version) } }

    /// A group by its name.
    public func group(_ name: String) -> Versioned? { table[name].map { ($0.row, $0.version) } }

    /// The groups that choose an agent with these labels, by name.
    public func containing(_ labels: [String: String]) -> [FleetGroup] {
        table.all.map(\.row).filter { $0.selector.matches(labels) }
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
        guard table[group.name] != nil || table.count < Self.limit else {
            throw .full("there are \(Self.limit) groups; delete some")
        }
        do throws(StoreError) {
            return try await table.put(group, expecting: .over(version)).version
        } catch {
            throw LibraryError(error, "the group '\(group.name)'")
        }
    }

    /// Deletes a group; agents keep what they run.
    public func delete(_ name: String, version: Int64?) async throws(LibraryError) {
        guard table[name] != nil else { throw .notFound("group '\(name)'") }
        do throws(StoreError) {
            try await table.delete(name, expecting: .over(version))
        } catch {
            throw LibraryError(error, "the group '\(name)'")
        }
    }

    /// What groups say to the template of an agent with these labels.
    func values(for labels: [String: String]) -> [GroupValues] {
        table.rows.compactMap { group in
            guard !group.values.isEmpty, group.selector.matches(labels) else { return nil }
            return GroupValues(name: group.name, priority: group.priority, values: group.values)
        }
    }
}

extension DocumentWrite.Expectation {
    /// What has to be there for an `ETag`: 0 is nothing, `nil` is anything.
    static func over(_ version: Int64?) -> Self {
        version.map { $0 == 0 ? .absent : .version($0) } ?? .any
    }
}
