/// One change of the store: whoever has one is alone, across all replicas, until it ends.
struct StoreTransaction {
    let session: any SQLSession
    /// The number of this change; later ones have larger numbers, and are seen later.
    let change: Int64
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    let time: UInt64
    /// Who writes.
    let writer: String
    /// What those who listen are told afterwards.
    var changes: [StoreChange] = []

    /// Takes the next number, and with it the right to write.
    init(_ session: any SQLSession, writer: String, clock: (@Sendable () -> UInt64)?) throws(StoreError) {
        self.session = session
        self.writer = writer
        let rows = try session.rows(
            "UPDATE counters SET value = value + 1 WHERE name = 'change' RETURNING value", [])
        guard let row = rows.first else { throw .damaged("the counter of changes is missing") }
        change = try row.integer(0)
        if let clock { time = clock() } else { time = try session.time() }
    }

    func rows(_ statement: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try session.rows(statement, values)
    }

    func run(_ statement: String, _ values: [SQLValue]) throws(StoreError) {
        try session.run(statement, values)
    }

    /// Runs a statement for many rows, as many at a time as databases like.
    ///
    /// - Parameters:
    ///   - head: What stands before the rows, such as `INSERT INTO t (a, b) VALUES`.
    ///   - rows: The values of each row; all have equally many.
    ///   - tail: What stands after the rows.
    /// - Throws: What the database says.
    func run(_ head: String, many rows: [[SQLValue]], _ tail: String) throws(StoreError) {
        guard let width = rows.first?.count, width > 0 else { return }
        let size = max(2000 / width, 1)
        let one = "(" + repeatElement("?", count: width).joined(separator: ", ") + ")"
        for start in stride(from: 0, to: rows.count, by: size) {
            let part = rows[start..<min(start + size, rows.count)]
            let values = repeatElement(one, count: part.count).joined(separator: ", ")
            try run("\(head) \(values) \(tail)", part.flatMap { $0 })
        }
    }

    /// Writes down for other replicas what has changed, and drops what is too old.
    func leaveNotes() throws(StoreError) {
        for note in changes.compactMap(\.note) {
            try run(
                "INSERT INTO notes (change, writer, scope, id) VALUES (?, ?, ?, ?)",
                [.integer(change), .text(writer), .text(note.scope), .text(note.id)])
        }
        guard change % 256 == 0 else { return }
        try run("DELETE FROM notes WHERE change < ?", [.integer(change - StoreLimits.notes)])
    }
}
