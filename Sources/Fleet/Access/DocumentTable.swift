internal import FleetStore
internal import Settings
internal import Synchronization

/// A value that is kept as one document.
protocol TableRow: Sendable {
    static var kind: DocumentKind { get }
    /// The name of the document.
    var id: String { get }
    var body: Tree { get }
    /// `nil` when the document is not one that this program wrote.
    init?(id: String, body: Tree)
}

/// All documents of a kind in memory, so that looking is quick; the store has the truth.
///
/// Own changes are there at once, those of other managers as soon as the store tells of them.
final class DocumentTable<Row: TableRow>: Sendable {
    struct Entry: Sendable {
        var row: Row
        var version: Int64
    }

    private let store: FleetStore
    private let entries = Mutex<[String: Entry]>([:])

    init(_ store: FleetStore) { self.store = store }

    subscript(id: String) -> Entry? { entries.withLock { $0[id] } }

    var count: Int { entries.withLock { $0.count } }

    /// By id.
    var all: [Entry] { entries.withLock { $0.values.sorted { $0.row.id < $1.row.id } } }

    /// In no order.
    var rows: [Row] { entries.withLock { $0.values.map(\.row) } }

    func first(where isWanted: (Row) -> Bool) -> Entry? {
        entries.withLock { entries in entries.values.first { isWanted($0.row) } }
    }

    /// Reads everything.
    func load() async throws(StoreError) {
        var found: [String: Entry] = [:]
        var last: String?
        while true {
            let page = try await store.documents(
                Row.kind, after: last, limit: StoreLimits.rowsPerAnswer)
            for document in page {
                guard let row = Row(id: document.id, body: document.body) else {
                    throw .damaged("\(Row.kind.rawValue) '\(document.id)' cannot be read")
                }
                found[document.id] = Entry(row: row, version: document.version)
            }
            guard page.count == StoreLimits.rowsPerAnswer else { break }
            last = page.last?.id
        }
        entries.withLock { entries in
            // What was put while this was read is newer.
            entries = found.merging(entries.filter { found[$0.key] != nil }) { read, known in
                known.version > read.version ? known : read
            }
        }
    }

    /// Reads what has changed, if it is of this kind.
    ///
    /// - Returns: The id of the document; `nil` when nothing of this kind has changed, or everything.
    @discardableResult
    func note(_ change: StoreChange) async throws(StoreError) -> String? {
        switch change {
        case .everything:
            try await load()
            return nil
        case .document(Row.kind, let id):
            try await read(id)
            return id
        default: return nil
        }
    }

    /// Reads one document again.
    func read(_ id: String) async throws(StoreError) {
        let document = try await store.document(Row.kind, id)
        let row = document.flatMap { Row(id: $0.id, body: $0.body) }
        entries.withLock { entries in
            guard let document, let row else {
                entries[id] = nil
                return
            }
            guard entries[id]?.version ?? 0 < document.version else { return }
            entries[id] = Entry(row: row, version: document.version)
        }
    }

    /// Writes rows, all or none.
    @discardableResult
    func put(
        _ rows: [(row: Row, expecting: DocumentWrite.Expectation)]
    ) async throws(StoreError) -> [Entry] {
        let stored: [StoredDocument]
        do throws(StoreError) {
            stored = try await store.write(
                rows.map { .put(Row.kind, $0.row.id, $0.row.body, expecting: $0.expecting) })
        } catch {
            // Somebody else may have written, and what is uncertain may have happened.
            for row in rows { try? await read(row.row.id) }
            throw error
        }
        let new = zip(rows, stored).map { Entry(row: $0.row, version: $1.version) }
        entries.withLock { entries in
            for entry in new where entries[entry.row.id]?.version ?? 0 < entry.version {
                entries[entry.row.id] = entry
            }
        }
        return new
    }

    @discardableResult
    func put(_ row: Row, expecting: DocumentWrite.Expectation) async throws(StoreError) -> Entry {
        let entries = try await put([(row, expecting)])
        guard let entry = entries.first else { throw .failed("nothing was written") }
        return entry
    }

    func delete(_ id: String, expecting: DocumentWrite.Expectation) async throws(StoreError) {
        try await store.write([.delete(Row.kind, id, expecting: expecting)])
        entries.withLock { $0[id] = nil }
    }
}
