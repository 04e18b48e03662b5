internal import CPostgreSQL
internal import Glibc

/// One connection to PostgreSQL; belongs to one thread.
final class PostgresConnection: SQLSession {
    private let url: PostgresURL
    /// What the database shows of whoever is connected.
    private let name: String
    private var connection: OpaquePointer?
    private var translated: [String: String] = [:]

    /// Parts of a statement shorter than this are the same again and again.
    private static let rememberedLength = 1200

    init(url: PostgresURL, name: String) {
        self.url = url
        self.name = name
    }

    deinit { PQfinish(connection) }

    var isConnected: Bool { connection != nil && PQstatus(connection) == CONNECTION_OK }

    /// Connects when there is no connection; TLS is as `sslmode` of the URL says.
    func connect() throws(StoreError) {
        guard !isConnected else { return }
        disconnect()
        // What the URL says itself comes first, because it is expanded in place of `dbname`.
        let options = [
            ("connect_timeout", "5"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "30000"), ("application_name", name),
            ("client_encoding", "UTF8"), ("dbname", url.text),
        ]
        connection = Self.withCStrings(options.map(\.0)) { keywords in
            Self.withCStrings(options.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard isConnected else {
            let message = lastMessage
            disconnect()
            throw .unreachable(message)
        }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        try run("SET statement_timeout = '60s'")
        try run("SET idle_in_transaction_session_timeout = '60s'")
    }

    func disconnect() {
        PQfinish(connection)
        connection = nil
    }

    func rows(_ statement: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        guard values.count <= Int(UInt16.max) else {
            throw .tooLarge("\(values.count) values in a statement")
        }
        let parameters = PostgresParameters(values)
        let result = parameters.withPointers { types, values, lengths, formats, count in
            PQexecParams(connection, translate(statement), count, types, values, lengths, formats, 1)
        }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK: return []
        case PGRES_TUPLES_OK: break
        default: throw failure(result)
        }
        let columns = 0..<PQnfields(result)
        return try (0..<PQntuples(result)).map { (row) throws(StoreError) in
            SQLRow(
                values: try columns.map { (column) throws(StoreError) in
                    try PostgresParameters.value(result, row, column)
                })
        }
    }

    func time() throws(StoreError) -> UInt64 {
        let rows = try rows("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", [])
        guard let row = rows.first else { throw .damaged("the database has no time") }
        return UInt64(clamping: try row.integer(0)) * 1000
    }

    func lockSchema() throws(StoreError) {
        try run("SELECT pg_advisory_xact_lock(?)", [.integer(Int64(0x6170_7573))])
    }

    private var lastMessage: String {
        url.shown(connection.map { String(cString: PQerrorMessage($0)) } ?? "out of memory")
    }

    private func failure(_ result: OpaquePointer?) -> StoreError {
        guard isConnected else { return .unreachable(lastMessage) }
        let message = lastMessage
        let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        // Class 57: shutting down, cancelled; 53: no resources; 40: to be tried again; 25006: a standby.
        let isPassing = ["57", "53", "40", "25006", "55P03"].contains { code.hasPrefix($0) }
        return isPassing ? .unreachable("PostgreSQL: \(message)") : .failed("PostgreSQL: \(message)")
    }

    /// Replaces `?` by `$1`, `$2`, …; none of our statements has one inside of text.
    private func translate(_ statement: String) -> String {
        if let known = translated[statement] { return known }
        var text = ""
        var number = 0
        for part in statement.split(separator: "?", omittingEmptySubsequences: false) {
            if number > 0 { text += "$\(number)" }
            text += part
            number += 1
        }
        if statement.utf8.count < Self.rememberedLength, translated.count < 256 {
            translated[statement] = text
        }
        return text
    }

    private static func withCStrings(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> OpaquePointer?
    ) -> OpaquePointer? {
        var pointers: [UnsafePointer<CChar>?] = texts.map { UnsafePointer(strdup($0)) }
        pointers.append(nil)
        defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
        return pointers.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
    }
}
