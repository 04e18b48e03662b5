internal import FoundationEssentials
internal import GRDB
internal import Glibc

/// One connection to SQLite, for as long as GRDB lends it.
struct SQLiteSession: SQLSession {
    /// Statements shorter than this are the same again and again, and are prepared once.
    private static let cachedLength = 600

    let database: Database

    func rows(_ statement: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        do {
            let prepared =
                statement.utf8.count < Self.cachedLength
                ? try database.cachedStatement(sql: statement) : try database.makeStatement(sql: statement)
            try prepared.setArguments(StatementArguments(values.map(Self.argument)))
            let cursor = try Row.fetchCursor(prepared)
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(SQLRow(values: row.databaseValues.map(Self.value)))
            }
            return rows
        } catch {
            throw Self.failure(error)
        }
    }

    func time() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The transaction that is under way keeps others out already.
    func lockSchema() {}

    static func failure(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return .failed("\(error)") }
        let message = "SQLite: \(error.message ?? "error \(error.extendedResultCode.rawValue)")"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .unreachable(message)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged(message)
        case .SQLITE_MISUSE where error.message?.contains("closed") == true: return .closed
        default: return .failed(message)
        }
    }

    private static func argument(_ value: SQLValue) -> DatabaseValue {
        switch value {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }

    private static func value(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .double(let value): .integer(Int64(value))
        case .string(let text): .text(text)
        case .blob(let data): .bytes([UInt8](data))
        }
    }
}
