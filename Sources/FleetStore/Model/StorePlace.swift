/// Where a fleet manager keeps what it has to remember.
public enum StorePlace: Sendable, Equatable {
    /// A file of SQLite; made when it is missing, for its owner only. One process at a time.
    case sqlite(path: String)
    /// A database of PostgreSQL by its URL, `postgres://user@host/database?sslmode=verify-full`; several
    /// managers may share it. All of libpq's keys are understood.
    case postgres(url: String)
    /// Gone with the process; for trying things out.
    case memory

    /// Reads what `--store` says: a URL of PostgreSQL, or the path of a file.
    public init(parsing text: String) {
        let isURL = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
        self = isURL ? .postgres(url: text) : .sqlite(path: text)
    }
}
