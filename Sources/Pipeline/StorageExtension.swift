/// An extension that gives queues a place on disk.
public protocol StorageExtension: Extension {
    /// Where and how they are kept there.
    var storage: StorageSettings { get }
}

/// Where queues are kept on disk, and what that promises.
public struct StorageSettings: Sendable, Equatable {
    /// When what was written is forced to the disk.
    ///
    /// Whatever it is, what was acknowledged survives the end of the process, since the operating system has
    /// it by then. What differs is what a loss of power or a crash of the operating system may take.
    public enum Synchronization: Sendable, Equatable {
        /// Before it is acknowledged: nothing is lost.
        case always
        /// At least this often: what was acknowledged since then may be lost.
        case interval(Duration)
        /// When the operating system likes, in most cases after half a minute.
        case never
    }

    /// The directory that everything is kept below; it exists or can be made.
    public var directory: String
    /// Permissions of the directories that have to be made.
    public var directoryPermissions: UInt32 = 0o750
    public var synchronization = Synchronization.interval(.seconds(1))
    /// Bytes after which a file is ended and the next one begun.
    public var segmentSize = 16 << 20
    /// Bytes on disk of one queue.
    public var maxSize = 10 << 30
    /// Age at which telemetry is given up; `nil` is no limit.
    public var maxAge: Duration?
    /// How long to wait for another process that uses the directory.
    public var lockTimeout = Duration.seconds(1)
    /// Whether files that cannot be read are set aside instead of being an error.
    public var recreate = false

    public init(directory: String) {
        self.directory = directory
    }
}

/// The name of a storage extension in the settings of others.
public enum StorageReference {
    /// What is wrong with a reference, or `nil`.
    public static let check: @Sendable (String?) -> String? = { id in
        guard let id, ComponentID(parsing: id) == nil else { return nil }
        return "must be the id of an extension, such as file_storage"
    }
}
