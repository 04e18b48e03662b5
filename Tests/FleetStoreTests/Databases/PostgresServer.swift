import Glibc
import Logging
import Synchronization

@testable import FleetStore

/// A server of PostgreSQL for the tests of one process: it listens on a socket in a directory of its own and
/// goes with the process, however that ends.
final class PostgresServer: Sendable {
    private static let programs = "/usr/lib/postgresql/15/bin"

    /// Whether the programs are installed; Debian has them in `postgresql-15`.
    static let isInstalled = access("\(programs)/initdb", X_OK) == 0
    /// The one server; `nil` when it is not installed or does not start.
    static let shared: PostgresServer? = isInstalled ? PostgresServer() : nil

    let directory: String
    private let databases = Atomic(0)

    private init?() {
        var template = Array("/tmp/apus-postgres-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        directory = String(cString: made)
        // The server refuses to run as root.
        let drop = geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : ""
        let owner = geteuid() == 0 ? "chown postgres \(directory)" : "true"
        let data = "\(directory)/data"
        let options = "-c listen_addresses= -c fsync=off -c max_connections=300 -k \(directory)"
        let start = """
            cd / && \(owner) && \(drop) \(Self.programs)/initdb -D \(data) -U postgres -A trust -E UTF8 \
            --locale=C.UTF-8 >/dev/null 2>&1 && \(drop) \(Self.programs)/pg_ctl -D \(data) -w \
            -l \(directory)/log -o '\(options)' start >/dev/null 2>&1
            """
        guard let starting = popen(start, "re"), pclose(starting) == 0 else { return nil }
        // Reads from this process until it is no more.
        let guardian = """
            cat >/dev/null; \(drop) \(Self.programs)/pg_ctl -D \(data) -m immediate stop >/dev/null 2>&1; \
            rm -rf \(directory)
            """
        guard popen(guardian, "we") != nil else { return nil }
    }

    /// A new, empty database.
    func makeDatabase() throws -> String {
        let name = "test\(databases.wrappingAdd(1, ordering: .relaxed).newValue)"
        let connection = try connect(to: "postgres")
        try connection.run("CREATE DATABASE \(name)")
        return url(of: name)
    }

    func url(of database: String) -> String { "postgres://postgres@/\(database)?host=\(directory)" }

    /// A connection beside those of the stores.
    func connect(to database: String) throws -> PostgresConnection {
        let connection = PostgresConnection(url: try PostgresURL(url(of: database)), name: "tests")
        try connection.connect()
        return connection
    }
}
