public import Settings

/// `on_permanent_error`: what happens to a batch that the other side refuses for good.
public enum PermanentErrorPolicy: String, CaseIterable, SettingChoice {
    /// It is given up and counted.
    case drop
    /// It is kept on disk, with the reason, until somebody looks at it.
    case deadLetter = "dead_letter"
}

/// `dead_letters`: how many refused batches an exporter keeps for each signal.
public struct DeadLetterSettings: SettingGroup, Equatable {
    /// The storage extension; `nil` is the one of the sending queue.
    public var storage: String?
    public var maxSize = ByteCount(100 << 20)
    public var maxAge = Duration.zero

    public init() {}

    public static var fields: [Field<DeadLetterSettings>] {
        [
            Field(
                "storage", \.storage,
                "The storage extension that keeps them; the default is that of the sending queue.",
                check: StorageReference.check),
            Field(
                "max_size", \.maxSize,
                "Bytes on disk for each signal; beyond them the oldest are given up."
            ) { $0.bytes < 1 << 20 ? "must be at least 1MiB" : nil },
            Field("max_age", \.maxAge, "Age at which they are given up; 0 is no limit.") {
                $0 < .zero ? "must not be negative" : nil
            },
        ]
    }
}
