internal import Delivery
internal import Pipeline
internal import Wire

/// A file with a buffer, which makes place for a new one when it is full.
///
/// A message is never torn: it is in one file, and when the disk takes only a part of it, the rest follows at
/// the next attempt, before anything else.
struct RotatingFile: ~Copyable, Sendable {
    /// Bytes that are collected before the disk is asked; a larger message is collected whole.
    static let bufferSize = 65_536

    private let path: String
    private let rotation: FileExporter.Rotation?
    private let names: BackupNames
    private let clock: any PipelineClock
    private var file: OutputFile?
    private var buffer = BytesBuilder(capacity: bufferSize)
    /// What the disk has not taken yet; goes before the buffer.
    private var rest = Bytes.empty

    /// Opens the file; without rotation it is emptied unless `append` is set.
    init(_ configuration: FileExporter.Configuration, clock: any PipelineClock) throws(FileError) {
        path = configuration.path
        rotation = configuration.rotation
        names = BackupNames(of: configuration.path, isLocal: configuration.rotation?.localTime ?? false)
        self.clock = clock
        if configuration.createDirectory, !names.directory.isEmpty {
            let permissions = configuration.directoryPermissions.flatMap {
                FileExporter.Configuration.permissions($0)
            }
            try Directory.make(names.directory, permissions: permissions ?? 0o755)
        }
        file = try OutputFile(path, configuration.append || rotation != nil ? .append : .truncate)
    }

    /// Takes a message into the buffer, after making room for it in the buffer and in the file.
    mutating func append(_ record: [Bytes]) throws(FileError) {
        let size = record.reduce(0) { $0 + $1.count }
        if buffer.count > 0, buffer.count + size > Self.bufferSize { try flush() }
        if let rotation, let written = file?.size {
            let before = written + rest.count + buffer.count
            if before > 0, before + size > rotation.maxMegabytes << 20 { try rotate(rotation) }
        }
        for part in record { buffer.append(part) }
    }

    /// Writes everything to the file.
    mutating func flush() throws(FileError) {
        try writeRest()
        guard buffer.count > 0 else { return }
        var full = BytesBuilder(capacity: Self.bufferSize)
        swap(&full, &buffer)
        rest = full.finish()
        try writeRest()
    }

    /// Writes everything, and returns when it is on the disk.
    mutating func finish() throws(FileError) {
        try flush()
        try file?.synchronize()
    }

    private mutating func writeRest() throws(FileError) {
        while !rest.isEmpty {
            if file == nil { file = try OutputFile(path, .append) }
            let count = try file?.write(rest) ?? 0
            rest = rest[count..<rest.count]
        }
        rest = .empty
    }

    /// Gives the file a name with the time in it and begins a new one under the old name.
    private mutating func rotate(_ rotation: FileExporter.Rotation) throws(FileError) {
        try finish()
        file = nil
        try Directory.rename(path, to: names.free(at: clock.unixNanoseconds))
        file = try OutputFile(path, .append)
        removeOld(rotation)
    }

    /// Removes backups that are too many or too old; one that cannot be removed is tried again next time.
    private func removeOld(_ rotation: FileExporter.Rotation) {
        let directory = names.directory.isEmpty ? "." : names.directory
        guard let present = try? Directory.names(in: directory) else { return }
        let now = clock.unixNanoseconds
        for name in names.expired(of: present, keeping: rotation.maxBackups, days: rotation.maxDays, at: now)
        {
            try? Directory.remove(directory + "/" + name)
        }
    }
}
