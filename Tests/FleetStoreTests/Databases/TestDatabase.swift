import Glibc
import Logging
import Testing

@testable import FleetStore

/// What the same tests run over.
enum DatabaseKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case memory, sqlite, postgres

    /// Those that this machine has.
    static let available = allCases.filter { $0 != .postgres || PostgresServer.isInstalled }
    /// Those that outlive a store.
    static let lasting = available.filter { $0 != .memory }
    /// Those that several managers may share.
    static let shared = available.filter { $0 == .postgres }

    var testDescription: String { rawValue }

    /// A new, empty place.
    func makePlace() throws -> StorePlace {
        switch self {
        case .memory: return .memory
        case .sqlite: return .sqlite(path: "\(try Self.makeDirectory())/fleet.sqlite")
        case .postgres:
            let server = try #require(PostgresServer.shared, "PostgreSQL is installed and does not start")
            return .postgres(url: try server.makeDatabase())
        }
    }

    /// An open store in a new place.
    func makeStore(clock: (@Sendable () -> UInt64)? = nil) async throws -> FleetStore {
        try await Self.open(try makePlace(), clock: clock)
    }

    static func open(
        _ place: StorePlace, replica: String = "one", clock: (@Sendable () -> UInt64)? = nil,
        schema: Schema = .current
    ) async throws -> FleetStore {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try await FleetStore.open(
            place, replica: replica, logger: logger, clock: clock, schema: schema)
    }

    /// A directory that goes with the process, however that ends.
    private static let root: String? = {
        var template = Array("/tmp/apus-store-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        let path = String(cString: made)
        return popen("cat >/dev/null; rm -rf \(path)", "we") == nil ? nil : path
    }()

    private static func makeDirectory() throws -> String {
        var template = Array("\(try #require(root))/XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        return String(cString: made)
    }
}
