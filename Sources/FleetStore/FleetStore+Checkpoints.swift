internal import OpAMP

extension FleetStore {
    /// Marks in one row.
    private static let marksPerPart = 2048
    private static let markSize = 32
    /// A replica that has not written for this long is no more, in nanoseconds: 30 days.
    private static let checkpointPatience: UInt64 = 30 * 86400 * 1_000_000_000

    /// Replaces what this replica knows of when agents were heard last: some rows for all of them.
    ///
    /// - Parameter marks: Of all agents that are connected to this replica.
    /// - Throws: `StoreError`, as the database does.
    public func checkpoint(_ marks: [SeenMark]) async throws(StoreError) {
        let parts = stride(from: 0, to: marks.count, by: Self.marksPerPart).map { start in
            Self.encode(marks[start..<min(start + Self.marksPerPart, marks.count)])
        }
        let replica = replica
        try await change(durably: false) { (transaction) throws(StoreError) in
            for (number, part) in parts.enumerated() {
                try transaction.run(
                    """
                    INSERT INTO checkpoints (replica, part, updated, marks) VALUES (?, ?, ?, ?)
                    ON CONFLICT (replica, part) DO UPDATE
                    SET updated = excluded.updated, marks = excluded.marks
                    """,
                    [
                        .text(replica), .integer(Int64(number)), .integer(transaction.time), .bytes(part),
                    ])
            }
            try transaction.run(
                "DELETE FROM checkpoints WHERE replica = ? AND part >= ? OR updated < ?",
                [
                    .text(replica), .integer(Int64(parts.count)),
                    .integer(transaction.time - min(transaction.time, Self.checkpointPatience)),
                ])
        }
    }

    /// The marks of all replicas; an agent may have several, of which the latest counts.
    public func checkpoints() async throws(StoreError) -> [SeenMark] {
        let rows = try await driver.read { (session) throws(StoreError) in
            try session.rows("SELECT marks FROM checkpoints", [])
        }
        var marks: [SeenMark] = []
        for row in rows { marks += try Self.decode(try row.bytes(0)) }
        return marks
    }

    private static func encode(_ marks: ArraySlice<SeenMark>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(marks.count * markSize)
        for mark in marks {
            for number in [mark.uid.high, mark.uid.low, mark.time, mark.sequence] {
                withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }

    private static func decode(_ bytes: [UInt8]) throws(StoreError) -> [SeenMark] {
        guard bytes.count % markSize == 0 else { throw .damaged("a checkpoint is cut off") }
        return bytes.withUnsafeBytes { memory in
            stride(from: 0, to: memory.count, by: markSize).map { start in
                func number(_ index: Int) -> UInt64 {
                    UInt64(
                        bigEndian: memory.loadUnaligned(fromByteOffset: start + 8 * index, as: UInt64.self))
                }
                return SeenMark(
                    uid: InstanceUID(high: number(0), low: number(1)), time: number(2), sequence: number(3))
            }
        }
    }
}
