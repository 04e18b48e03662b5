internal import FleetStore
internal import Logging
internal import Pipeline

/// Documents of one kind that people name; all of them are in memory.
///
/// They change only over the version that was seen, and take over what other managers change.
final class NamedRows<Row: TableRow>: Sendable {
    let table: DocumentTable<Row>
    /// What one of them is called, such as `group`.
    private let noun: String
    /// The most there may be.
    private let limit: Int
    private let follower: StoreFollower

    private init(
        _ noun: String, limit: Int, _ store: FleetStore, _ clock: any PipelineClock, _ logger: Logger
    ) {
        table = DocumentTable(store)
        self.noun = noun
        self.limit = limit
        follower = StoreFollower(store: store, clock: clock, logger: logger)
    }

    /// Reads those of a store.
    static func open(
        _ noun: String, limit: Int, _ store: FleetStore, clock: any PipelineClock, logger: Logger
    ) async throws(StoreError) -> NamedRows {
        let rows = NamedRows(noun, limit: limit, store, clock, logger)
        try await rows.table.load()
        return rows
    }

    /// Takes over what other managers change, until the task is cancelled.
    func follow() async {
        await follower.follow { [table] (change) async throws(StoreError) in try await table.note(change) }
    }

    /// Makes one or replaces it.
    ///
    /// - Parameters:
    ///   - row: What it is to be; it has been checked.
    ///   - version: The version that is replaced; 0 for a new one, `nil` for whatever there is.
    /// - Returns: The new version.
    /// - Throws: `LibraryError`.
    func put(_ row: Row, over version: Int64?) async throws(LibraryError) -> Int64 {
        guard table[row.id] != nil || table.count < limit else {
            throw .full("there are \(limit) \(noun)s; delete some")
        }
        do throws(StoreError) {
            return try await table.put(row, expecting: .over(version)).version
        } catch {
            throw LibraryError(error, "the \(noun) '\(row.id)'")
        }
    }

    /// Deletes one; `.notFound` when there is none of that name.
    func delete(_ name: String, version: Int64?) async throws(LibraryError) {
        guard table[name] != nil else { throw .notFound("\(noun) '\(name)'") }
        do throws(StoreError) {
            try await table.delete(name, expecting: .over(version))
        } catch {
            throw LibraryError(error, "the \(noun) '\(name)'")
        }
    }
}

extension DocumentWrite.Expectation {
    /// What has to be there for an `ETag`: 0 is nothing, `nil` is anything.
    static func over(_ version: Int64?) -> Self {
        version.map { $0 == 0 ? .absent : .version($0) } ?? .any
    }
}
