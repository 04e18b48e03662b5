import Glibc
import Settings
import Testing

@testable import FleetStore

@Suite struct OpeningTests {
    @Test(.enabled(if: PostgresServer.isInstalled, "postgresql-15 is not installed: SQLite alone is tested"))
    func `PostgreSQL is among the databases`() {
        #expect(DatabaseKind.available == [.memory, .sqlite, .postgres])
    }

    @Test(arguments: DatabaseKind.lasting)
    func `what was stored is there in the next life`(_ database: DatabaseKind) async throws {
        let place = try database.makePlace()
        let store = try await DatabaseKind.open(place)
        let put = try await store.write([.put(.group, "a", .text("x"), expecting: .absent)])
        try await store.appendAudit(AuditRecord(time: 1, actor: "a", action: "b", target: "c"))
        #expect(try await store.lease("l", for: .seconds(1000)))
        await store.close()
        let next = try await DatabaseKind.open(place)
        #expect(try await next.document(.group, "a") == put[0])
        #expect(try await next.audit(limit: 1).count == 1)
        #expect(try await next.lease("l", for: .seconds(1000)) == (database == .sqlite))
    }

    @Test func `a file of SQLite is for its owner only and for one manager`() async throws {
        let place = try DatabaseKind.sqlite.makePlace()
        guard case .sqlite(let path) = place else { return }
        let store = try await DatabaseKind.open(place)
        try await store.write([.put(.group, "a", .null, expecting: .any)])
        for file in [path, "\(path)-wal", "\(path)-shm", "\(path)-lock"] {
            var status = stat()
            #expect(stat(file, &status) == 0, "\(file)")
            #expect(status.st_mode & 0o777 == 0o600, "\(file)")
        }
        let error = await #expect(throws: StoreError.self) { try await DatabaseKind.open(place) }
        #expect(error.map { "\($0)" }?.contains("used by another fleet manager") == true)
        await store.close()
        _ = try await DatabaseKind.open(place)
    }

    @Test func `what cannot be opened is named`() async throws {
        let missing = await #expect(throws: StoreError.self) {
            try await DatabaseKind.open(.sqlite(path: "/nowhere/at/all"))
        }
        #expect(missing == .cannotOpen("/nowhere/at/all: No such file or directory"))
        let place = try DatabaseKind.sqlite.makePlace()
        guard case .sqlite(let path) = place, let file = fopen(path, "w") else { return }
        fputs(String(repeating: "no database", count: 1000), file)
        fclose(file)
        let error = await #expect(throws: StoreError.self) { try await DatabaseKind.open(place) }
        #expect(error.map { "\($0)" }?.contains("not a database") == true)
    }

    @Test(arguments: [
        "postgres://me:hunter2@127.0.0.1:1/fleet", "postgres://me:hunter2@127.0.0.1:port/fleet",
        "postgresql://me@127.0.0.1:1/fleet?password=hunter2", "postgres://me:hunter2@[::1/fleet",
        "postgres://127.0.0.1/fleet?hunter2",
    ])
    func `no error tells the password`(_ url: String) async {
        let error = await #expect(throws: StoreError.self) {
            try await DatabaseKind.open(StorePlace(parsing: url))
        }
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
        #expect(error.map { "\($0)" }?.isEmpty == false)
    }

    @Test(arguments: DatabaseKind.shared)
    func `TLS is as the URL demands`(_ database: DatabaseKind) async throws {
        guard case .postgres(let url) = try database.makePlace() else { return }
        // The server of the tests has no certificate; a socket of the machine would not use TLS anyway.
        let demanding = url.replacing("host=", with: "sslmode=require&hostaddr=127.0.0.1&port=1&host=")
        let error = await #expect(throws: StoreError.self) {
            try await DatabaseKind.open(.postgres(url: demanding))
        }
        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: DatabaseKind.shared)
    func `a lost connection is made anew and no change is lost`(_ database: DatabaseKind) async throws {
        guard case .postgres(let url) = try database.makePlace() else { return }
        let store = try await DatabaseKind.open(.postgres(url: url))
        let server = try #require(PostgresServer.shared)
        let name = String(try #require(url.split(separator: "/").last?.prefix { $0 != "?" }))
        for number in 1...5 {
            let admin = try server.connect(to: "postgres")
            try admin.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?", [.text(name)])
            try await store.write([.put(.group, "g\(number)", .null, expecting: .absent)])
        }
        #expect(try await store.documents(.group, limit: 9).count == 5)
    }
}
