internal import Delivery
public import Pipeline

/// Gives queues and dead letters a place on disk (otelcol's file_storage, without its database).
///
/// Each queue has a directory of its own, `<directory>/<exporter>/<signal>/queue`, with segment files that
/// are only added to and removed when everything in them is delivered. What that promises is said at
/// `StorageSettings.Synchronization`. Two processes cannot use the same directory.
public struct FileStorage: StorageExtension {
    public static let name = "file_storage"
    public static let summary = "Keeps sending queues and dead letters in files."

    public let storage: StorageSettings
    private let createsDirectory: Bool

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        storage = configuration.storage
        createsDirectory = configuration.createDirectory
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        do throws(FileError) {
            if createsDirectory {
                try Directory.make(storage.directory, permissions: storage.directoryPermissions)
            }
            // Whoever may not write there should learn it now and not with the first batch.
            try Directory.checkWritable(storage.directory)
        } catch {
            throw ComponentError(error.description, key: "directory")
        }
        session.ready()
        _ = await session.stopRequested()
    }
}
