internal import Pipeline
public import Settings

extension FileStorage {
    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var directory = "/var/lib/apus/storage"
        public var createDirectory = true
        public var directoryPermissions = "0750"
        public var timeout = Duration.seconds(1)
        public var fsync = FsyncPolicy.interval
        public var fsyncInterval = Duration.seconds(1)
        public var segmentSize = ByteCount(16 << 20)
        public var maxSize = ByteCount(10 << 30)
        public var maxAge = Duration.zero
        public var recreate = false

        public init() {}

        public static var fields: [Field<Configuration>] {
            placeFields + limitFields
        }

        private static let placeFields: [Field<Configuration>] = [
            Field("directory", \.directory, "The directory that everything is kept below.") {
                $0.hasPrefix("/") ? nil : "must be an absolute path"
            },
            Field(
                "create_directory", \.createDirectory,
                "Whether the directory is made when it does not exist."),
            Field(
                "directory_permissions", \.directoryPermissions,
                "Permissions of directories that are made, in octal."
            ) { permissions($0) == nil ? "must be an octal number from 0700 to 0777, such as 0750" : nil },
            Field(
                "timeout", \.timeout, "How long to wait for another process that uses the directory."
            ) { $0 < .zero ? "must not be negative" : nil },
            Field(
                "recreate", \.recreate,
                "Whether files that cannot be read are renamed *.corrupt instead of being an error."),
            .unsupported(
                "compaction",
                "there is no database to compact; files are removed when everything in them is delivered"),
        ]

        private static let limitFields: [Field<Configuration>] = [
            Field(
                "fsync", \.fsync,
                "When data is forced to the disk: always (before the answer), interval or never."),
            Field("fsync_interval", \.fsyncInterval, "The interval of `fsync: interval`.") {
                $0 < .milliseconds(10) ? "must be at least 10ms" : nil
            },
            Field("segment_size", \.segmentSize, "Bytes after which a file is ended and another one begun.") {
                $0.bytes < 64 << 10 ? "must be at least 64KiB" : nil
            },
            Field("max_size", \.maxSize, "Bytes on disk of each queue.") {
                $0.bytes < 1 << 20 ? "must be at least 1MiB" : nil
            },
            Field("max_age", \.maxAge, "Age at which undelivered data is given up; 0 is no limit.") {
                $0 < .zero ? "must not be negative" : nil
            },
        ]

        private static func permissions(_ text: String) -> UInt32? {
            UInt32(text, radix: 8).flatMap { (0o700...0o777).contains($0) ? $0 : nil }
        }

        var storage: StorageSettings {
            var storage = StorageSettings(directory: directory)
            storage.directoryPermissions = Self.permissions(directoryPermissions) ?? 0o750
            storage.lockTimeout = timeout
            storage.recreate = recreate
            storage.synchronization =
                switch fsync {
                case .always: .always
                case .interval: .interval(fsyncInterval)
                case .never: .never
                }
            storage.segmentSize = segmentSize.bytes
            storage.maxSize = maxSize.bytes
            storage.maxAge = maxAge > .zero ? maxAge : nil
            return storage
        }
    }

    /// `fsync`: when data is forced to the disk.
    public enum FsyncPolicy: String, CaseIterable, Sendable {
        case always, interval, never
    }
}

extension FileStorage.FsyncPolicy: SettingValue {
    public static var kind: String {
        "one of always, interval, never (otelcol: true is always, false interval)"
    }

    public static var schema: Tree {
        let words: [Tree] = allCases.map { .text($0.rawValue) }
        return .table(["enum": .list(words + [.bool(true), .bool(false)])])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        switch tree.scalar?.text {
        case "true": return .always
        case "false": return .interval
        case let word?:
            if let value = Self(rawValue: word) { return value }
        case nil: break
        }
        let words = allCases.map { $0.rawValue }
        reader.mismatch(
            tree, expected: kind,
            suggestion: tree.scalar.flatMap { Spelling.nearest(to: $0.text, among: words) })
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(rawValue) }
}
