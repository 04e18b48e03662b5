public import Settings

extension FileExporter {
    /// How telemetry is written.
    public enum Format: String, CaseIterable, SettingChoice {
        case json, proto
    }

    /// How messages are compressed.
    public enum Compression: String, CaseIterable, SettingChoice {
        case none = ""
        case zstd
    }

    /// The keys of the `file` exporter.
    public struct Configuration: SettingGroup {
        public var path = ""
        public var append = false
        public var format = Format.json
        public var compression = Compression.none
        public var compressionParams = CompressionParameters()
        public var rotation: Rotation?
        public var flushInterval = Duration.seconds(1)
        public var createDirectory = false
        public var directoryPermissions: String?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("path", \.path, "File to write to.", required: true) {
                $0.isEmpty ? "must not be empty" : nil
            },
            Field(
                "append", \.append,
                "Whether to go on at the end of an existing file; otherwise it is emptied."),
            Field("format", \.format, "How a batch is written: as a line of OTLP JSON, or as OTLP protobuf."),
            Field(
                "compression", \.compression,
                "Compression of every message; a compressed message has its length in front of it."
            ),
            Field("compression_params", \.compressionParams, "How compression works."),
            Field(
                "rotation", \.rotation, "When to begin a new file; without this section there is only one."),
            Field(
                "flush_interval", \.flushInterval, "Longest time a message stays in the buffer of the file."
            ) {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("create_directory", \.createDirectory, "Whether to make the directory of the file."),
            Field(
                "directory_permissions", \.directoryPermissions,
                "Permissions of directories that are made, as an octal number; 0755 when not given.",
                check: {
                    $0.map { Self.permissions($0) == nil } ?? false ? "must be octal, such as '0755'" : nil
                }),
            .unsupported("group_by", "one exporter writes one file in this version"),
            .unsupported("encoding", "encoding extensions are not part of this version; use 'format'"),
        ]

        public func check() -> [Problem] {
            var problems: [Problem] = []
            if append, compression != .none {
                problems.append(Problem("append", "cannot be combined with compression"))
            }
            if append, rotation != nil {
                problems.append(Problem("append", "cannot be combined with rotation"))
            }
            if directoryPermissions != nil, !createDirectory {
                problems.append(Problem("directory_permissions", "needs create_directory: true"))
            }
            return problems
        }

        /// The permissions in `text`; `nil` when they are not three or four octal digits.
        static func permissions(_ text: String) -> UInt32? {
            UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
        }
    }

    /// `compression_params`: how compression works.
    public struct CompressionParameters: SettingGroup {
        public var level: Int?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("level", \.level, "From 1 (fast) to 22 (small); 1 when not given.") {
                $0.map { (1...22).contains($0) } ?? true ? nil : "must be from 1 to 22"
            }
        ]
    }

    /// `rotation`: when to begin a new file, and what to do with the old ones.
    public struct Rotation: SettingGroup {
        public var maxMegabytes = 100
        public var maxDays = 0
        public var maxBackups = 100
        public var localTime = false

        public init() {}

        /// Writing `rotation:` alone rotates with the defaults.
        public static var nullMeaning: NullMeaning { .value }

        public static let fields: [Field<Self>] = [
            Field("max_megabytes", \.maxMegabytes, "Size, in MiB, that the file does not exceed.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field("max_days", \.maxDays, "Days after which old files are removed; 0 is never.") {
                $0 < 0 ? "must not be negative" : nil
            },
            Field("max_backups", \.maxBackups, "How many old files to keep; 0 is all of them.") {
                $0 < 0 ? "must not be negative" : nil
            },
            Field("localtime", \.localTime, "Whether the names of old files tell local time instead of UTC."),
        ]
    }
}
