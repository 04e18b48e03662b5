internal import FleetModel
internal import Settings

extension FleetStore {
    /// A document, or `nil` when there is none.
    public func document(_ kind: DocumentKind, _ id: String) async throws(StoreError) -> StoredDocument? {
        let rows = try await driver.read { (session) throws(StoreError) in
            try session.rows(
                "SELECT id, version, body, updated FROM documents WHERE kind = ? AND id = ?",
                [.text(kind.rawValue), .text(id)])
        }
        return try rows.first.map { (row) throws(StoreError) in try Self.document(kind, row) }
    }

    /// Documents of a kind, ordered by the bytes of their ids.
    ///
    /// - Parameters:
    ///   - kind: What they are about.
    ///   - prefix: What their ids begin with.
    ///   - after: The id of the last one that is known already.
    ///   - limit: How many at most; `StoreLimits.rowsPerAnswer` if that is less.
    /// - Returns: At most so many; fewer when there are no more.
    /// - Throws: `StoreError`, as the database does.
    public func documents(
        _ kind: DocumentKind, prefix: String = "", after: String? = nil, limit: Int
    ) async throws(StoreError) -> [StoredDocument] {
        let rows = try await driver.read { (session) throws(StoreError) in
            try session.rows(
                """
                SELECT id, version, body, updated FROM documents
                WHERE kind = ? AND id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?
                """,
                [
                    .text(kind.rawValue), .text(prefix), .text(prefix + "\u{10FFFF}"), .text(after ?? ""),
                    Self.rows(limit),
                ])
        }
        return try rows.map { (row) throws(StoreError) in try Self.document(kind, row) }
    }

    /// Changes documents: all of them, or none when one is not as expected.
    ///
    /// - Parameter writes: At most `StoreLimits.documentsPerWrite`; each document once.
    /// - Returns: What was put, in order.
    /// - Throws: `StoreError.conflict` with the first document that is not as expected.
    @discardableResult
    public func write(_ writes: [DocumentWrite]) async throws(StoreError) -> [StoredDocument] {
        guard writes.count <= StoreLimits.documentsPerWrite else {
            throw .tooLarge("\(writes.count) documents in one write")
        }
        var texts: [String?] = []
        for write in writes {
            let name = "\(write.kind.rawValue) '\(write.id.prefix(64))'"
            try Self.check(write.id.utf8.count, StoreLimits.idBytes, "the name of \(name)")
            guard !write.id.isEmpty, !write.id.utf8.contains(0) else {
                throw .failed("the name of \(name) is empty or has a zero byte")
            }
            let text = write.body?.json()
            try Self.check(text?.utf8.count ?? 0, StoreLimits.documentBytes, name)
            texts.append(text)
        }
        guard !writes.isEmpty else { return [] }
        let pairs = Array(zip(writes, texts))
        return try await change { (transaction) throws(StoreError) in
            var stored: [StoredDocument] = []
            for (write, text) in pairs {
                try Self.check(write, in: transaction)
                if let document = try Self.write(write, text, in: transaction) { stored.append(document) }
                transaction.changes.append(.document(write.kind, write.id))
            }
            return stored
        }
    }

    private static func check(_ write: DocumentWrite, in transaction: StoreTransaction) throws(StoreError) {
        guard write.expecting != .any else { return }
        let rows = try transaction.rows(
            "SELECT version FROM documents WHERE kind = ? AND id = ?",
            [.text(write.kind.rawValue), .text(write.id)])
        let found = try rows.first.map { (row) throws(StoreError) in try row.integer(0) }
        let isExpected =
            switch write.expecting {
            case .absent: found == nil
            case .version(let version): found == version
            case .any: true
            }
        guard isExpected else { throw .conflict(write.kind, write.id) }
    }

    private static func write(
        _ write: DocumentWrite, _ text: String?, in transaction: StoreTransaction
    ) throws(StoreError) -> StoredDocument? {
        let key: [SQLValue] = [.text(write.kind.rawValue), .text(write.id)]
        try transaction.run("DELETE FROM uses WHERE kind = ? AND id = ?", key)
        guard let text, let body = write.body else {
            try transaction.run("DELETE FROM documents WHERE kind = ? AND id = ?", key)
            return nil
        }
        try transaction.run(
            """
            INSERT INTO documents (kind, id, version, body, updated) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (kind, id) DO UPDATE
            SET version = excluded.version, body = excluded.body, updated = excluded.updated
            """,
            key + [.integer(transaction.change), .text(text), .integer(transaction.time)])
        try transaction.run(
            "INSERT INTO uses (hash, kind, id) VALUES",
            many: Set(write.uses).map { [.bytes($0.bytes)] + key }, "")
        return StoredDocument(
            kind: write.kind, id: write.id, version: transaction.change, body: body,
            updated: transaction.time)
    }

    private static func document(_ kind: DocumentKind, _ row: SQLRow) throws(StoreError) -> StoredDocument {
        let id = try row.text(0)
        let (version, updated) = (try row.integer(1), UInt64(clamping: try row.integer(3)))
        let text = try row.text(2)
        do throws(InvalidSettings) {
            let body = try Tree(json: text, source: ConfigurationSource(.builtIn, "store"))
            return StoredDocument(kind: kind, id: id, version: version, body: body, updated: updated)
        } catch {
            throw .damaged("\(kind.rawValue) '\(id)': \(error)")
        }
    }
}
