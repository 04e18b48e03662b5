internal import FoundationEssentials

/// What the file system says of a file.
///
/// By Foundation and not by `stat`: which C module owns that structure depends, where certificates bring
/// Foundation along, on the order in which modules happen to be loaded, and a build fails now and then.
struct FileFacts {
    /// In bytes.
    let size: Int
    /// When it was changed last; nanoseconds since 1970-01-01T00:00:00Z, good to a microsecond.
    let time: UInt64

    /// `nil` when there is none, or it is no regular file.
    init?(path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let size = attributes[.size] as? any BinaryInteger,
            let time = attributes[.modificationDate] as? Date
        else { return nil }
        self.size = Int(size)
        self.time = UInt64(max(time.timeIntervalSince1970, 0) * 1e6) * 1000
    }
}
