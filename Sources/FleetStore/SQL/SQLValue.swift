/// A value as it goes into a statement and comes out of a row.
enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    static func integer(_ value: UInt64) -> SQLValue { .integer(Int64(clamping: value)) }
    static func optional(_ bytes: [UInt8]?) -> SQLValue { bytes.map(SQLValue.bytes) ?? .null }
}

/// One row of an answer.
struct SQLRow: Sendable {
    let values: [SQLValue]

    /// A whole number; another type is damage.
    func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw damaged(column, "a whole number") }
        return value
    }

    /// A text; another type is damage.
    func text(_ column: Int) throws(StoreError) -> String {
        guard case .text(let value) = values[column] else { throw damaged(column, "text") }
        return value
    }

    /// Bytes; another type is damage.
    func bytes(_ column: Int) throws(StoreError) -> [UInt8] {
        guard case .bytes(let value) = values[column] else { throw damaged(column, "bytes") }
        return value
    }

    func isNull(_ column: Int) -> Bool { values[column] == .null }

    private func damaged(_ column: Int, _ wanted: String) -> StoreError {
        .damaged("column \(column + 1) of a row is not \(wanted)")
    }
}
