internal import Formats
internal import Wire

/// Entries of one tag that will be one message.
final class ForwardBuffer {
    let tag: String
    private var writer = MessagePackWriter(capacity: 4096)
    private var count = 0

    init(tag: String) { self.tag = tag }

    /// Bytes of the entries so far.
    var byteCount: Int { writer.count }

    /// Adds an entry that `body` writes.
    func add(_ body: (inout MessagePackWriter) -> Void) {
        count += 1
        body(&writer)
    }

    /// Takes out what was added.
    func take() -> ForwardEntries {
        var taken = MessagePackWriter(capacity: 64)
        swap(&taken, &writer)
        defer { count = 0 }
        return ForwardEntries(tag: tag, bytes: taken.finish(), count: count)
    }
}

/// Entries that follow one another, in the form of the modes PackedForward and CompressedPackedForward.
struct ForwardEntries: Sendable {
    let tag: String
    let bytes: Bytes
    let count: Int

    /// The message, in parts that are sent one after another.
    ///
    /// - Parameters:
    ///   - packed: the entries as they are sent.
    ///   - isCompressed: whether that is with gzip.
    ///   - chunk: what the server acknowledges; `nil` for no acknowledgement.
    /// - Returns: the parts.
    func message(_ packed: Bytes, isCompressed: Bool, chunk: String?) -> [Bytes] {
        var head = MessagePackWriter(capacity: 32 + tag.utf8.count)
        head.beginArray(3)
        head.write(tag)
        head.beginBinary(packed.count)
        var option = MessagePackWriter(capacity: 96)
        option.beginMap(1 + (isCompressed ? 1 : 0) + (chunk == nil ? 0 : 1))
        option.write("size")
        option.write(Int64(count))
        if isCompressed {
            option.write("compressed")
            option.write("gzip")
        }
        if let chunk {
            option.write("chunk")
            option.write(chunk)
        }
        return [head.finish(), packed, option.finish()]
    }
}
