public import Pipeline

/// How one spool keeps its records.
public struct SpoolSettings: Sendable, Equatable {
    /// When the disk is told to write what it has in its caches.
    public typealias Synchronization = StorageSettings.Synchronization

    /// The directory of this spool alone; made when it is missing.
    public var directory: String
    /// Permissions of directories that are made.
    public var directoryPermissions: UInt32 = 0o750
    public var synchronization = Synchronization.interval(.seconds(1))
    /// Bytes after which a segment is ended and another one begun.
    ///
    /// Space comes back by the segment, so at most an eighth of `maxSize` is used.
    public var segmentSize = 16 << 20
    /// Bytes that the spool may take on the disk.
    public var maxSize = 10 << 30
    /// How long to wait for another process to let go of the directory.
    public var lockTimeout = Duration.seconds(1)
    /// Whether files that are no readable segments are set aside as `*.corrupt`; otherwise opening fails.
    public var recreate = false

    /// Makes settings for the spool in `directory` with every default.
    public init(directory: String) {
        self.directory = directory
    }

    /// Bytes after which a segment is ended.
    var effectiveSegmentSize: Int { min(segmentSize, max(maxSize / 8, 1)) }
}
