public import Pipeline
internal import Settings
public import Telemetry

/// Where one queue, or the dead letters behind it, are kept on disk.
public struct QueueStorage: Sendable {
    let signal: Signal
    let spool: SpoolSettings
    /// Age at which telemetry is given up; `nil` is no limit.
    let maxAge: Duration?

    /// The place of the queue for `signal` in front of `exporter`, in a storage with these settings.
    public init(_ settings: StorageSettings, exporter: ComponentID, signal: Signal) {
        self.signal = signal
        maxAge = settings.maxAge
        spool = SpoolSettings(
            settings, directory: StorageLayout(root: settings.directory).queue(of: exporter, signal))
    }

    /// The place of the dead letters of `signal` that `exporter` could not deliver.
    public init(
        _ settings: StorageSettings, deadLetters: DeadLetterSettings, exporter: ComponentID, signal: Signal
    ) {
        self.signal = signal
        maxAge = deadLetters.maxAge > .zero ? deadLetters.maxAge : nil
        var spool = SpoolSettings(
            settings, directory: StorageLayout(root: settings.directory).deadLetters(of: exporter, signal))
        spool.maxSize = deadLetters.maxSize.bytes
        self.spool = spool
    }
}

extension SpoolSettings {
    /// What users say of a storage, for the spool in one of its directories.
    init(_ settings: StorageSettings, directory: String) {
        self.init(directory: directory)
        directoryPermissions = settings.directoryPermissions
        synchronization = settings.synchronization
        segmentSize = settings.segmentSize
        maxSize = settings.maxSize
        lockTimeout = settings.lockTimeout
        recreate = settings.recreate
    }
}
