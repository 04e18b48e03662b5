internal import Telemetry
internal import Wire

/// The names of a spool's files, and reading a whole one.
enum SegmentFile {
    /// What a segment and its completion file hold.
    struct Content {
        let scanner: SegmentScanner
        /// Indexes of records that are done.
        let done: Set<UInt32>
        /// Bytes of the completion file.
        let doneSize: Int
    }

    /// Large enough that the calls cost nothing, small enough to stay in the cache of a core.
    private static let windowSize = 1 << 18
    private static let doneLimit = 1 << 26

    static let segmentSuffix = ".segment"
    static let doneSuffix = ".done"
    static let corruptSuffix = ".segment.corrupt"

    static func path(_ number: UInt64, in directory: String) -> String {
        "\(directory)/\(digits(number))\(segmentSuffix)"
    }

    static func donePath(_ number: UInt64, in directory: String) -> String {
        "\(directory)/\(digits(number))\(doneSuffix)"
    }

    /// Where a file that is no segment is put.
    static func corruptPath(_ number: UInt64, in directory: String) -> String {
        "\(directory)/\(digits(number))\(corruptSuffix)"
    }

    /// The number in the name of a segment or, with `suffix`, of another file of it; `nil` for other names.
    static func number(of name: String, suffix: String = segmentSuffix) -> UInt64? {
        guard name.hasSuffix(suffix), name.utf8.count == 16 + suffix.utf8.count else { return nil }
        return UInt64(name.dropLast(suffix.utf8.count), radix: 16)
    }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// Reads a segment from its beginning to its end, and what is done of it.
    static func read(
        _ number: UInt64, in directory: String, disk: any SpoolDisk
    ) throws(FileError) -> Content {
        let file = try disk.open(path(number, in: directory), .read)
        defer { disk.close(file) }
        let window = UnsafeMutableRawBufferPointer.allocate(byteCount: windowSize, alignment: 16)
        defer { window.deallocate() }
        var scanner = SegmentScanner()
        while true {
            let count = try disk.read(from: file, at: scanner.size, into: window)
            guard count > 0 else { break }
            scanner.consume(UnsafeRawBufferPointer(rebasing: window[..<count]))
        }
        scanner.finish()
        // What cannot be read marks nothing as done, which is the safe side.
        let entries = (try? SmallFile.read(donePath(number, in: directory), limit: doneLimit)) ?? .empty
        return Content(
            scanner: scanner, done: CompletionEntries.decode(entries, segment: number),
            doneSize: entries.count)
    }
}
