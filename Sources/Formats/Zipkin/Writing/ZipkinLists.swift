public import Wire

/// The spans of a batch in lists of a bounded size, of which there is one at a time.
///
/// A batch gives the same lists whenever it is written.
public struct ZipkinLists {
    /// Spans that are a whole body.
    public struct List: Sendable {
        /// The list as it is sent.
        public let body: Bytes
        /// Spans in it, at least one.
        public let spanCount: Int
    }

    /// Spans without a trace id or a span id, which are in no list, as far as the batch has been read.
    public private(set) var withoutIDs = 0
    /// Spans that are larger than a list may be, with the tags of their resource and scope.
    public private(set) var tooLarge = 0

    private var spans: ZipkinSpans
    /// The span that did not fit into the list before.
    private var pending: ZipkinOutgoingSpan?
    private let form: ZipkinEncoder.Form
    private let limit: Int
    private let capacity: Int

    init(_ spans: ZipkinSpans, as form: ZipkinEncoder.Form, limit: Int, capacity: Int) {
        self.spans = spans
        self.form = form
        self.limit = limit
        self.capacity = capacity
    }

    /// Writes the next list; `nil` when there is none any more.
    public mutating func next() -> List? {
        let list: List
        switch form {
        case .json:
            var output = ZipkinJSONOutput(capacity: capacity)
            let count = fill { (span) in
                output.write(span)
                return output.byteCount
            }
            list = List(body: output.finish(), spanCount: count)
        case .protobuf:
            var output = ZipkinProtobufOutput(capacity: capacity)
            let count = fill { (span) in
                output.write(span)
                return output.byteCount
            }
            list = List(body: output.finish(), spanCount: count)
        }
        return list.spanCount > 0 ? list : nil
    }

    /// Writes spans until one does not fit; `write` says how many bytes there are then.
    private mutating func fill(_ write: (ZipkinOutgoingSpan) -> Int) -> Int {
        var (count, size) = (0, 0)
        while let span = nextSpan() {
            if fits(span, limit - size) {
                size = write(span)
                count += 1
            } else if count == 0 {
                tooLarge += 1
            } else {
                pending = span
                break
            }
        }
        return count
    }

    private mutating func nextSpan() -> ZipkinOutgoingSpan? {
        if let span = pending {
            pending = nil
            return span
        }
        while let made = spans.next() {
            switch made {
            case .span(let span): return span
            case .withoutIDs: withoutIDs += 1
            case .tooLarge: tooLarge += 1
            }
        }
        return nil
    }

    /// Whether a span surely becomes no larger than `room`, which is known before it is written.
    private func fits(_ span: ZipkinOutgoingSpan, _ room: Int) -> Bool {
        switch form {
        case .protobuf: span.sizeBound { $0.utf8.count } <= room
        case .json:
            // The longest escapes have 6 bytes for one; texts are only looked at when that is too much.
            span.sizeBound { $0.utf8.count * 6 } <= room
                || span.sizeBound { text in text.utf8.reduce(0) { $0 + Self.escapedSize($1) } } <= room
        }
    }

    private static func escapedSize(_ byte: UInt8) -> Int {
        switch byte {
        case 0..<0x20: 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
        default: 1
        }
    }
}

extension ZipkinOutgoingSpan {
    /// At least as many bytes as it becomes, where `size` is that of a text.
    fileprivate func sizeBound(_ size: (String) -> Int) -> Int {
        // Ids, numbers, two endpoints with addresses, and the keys of all of them.
        var bound = 512 + size(name) + size(local.serviceName) + size(remote?.serviceName ?? "")
        for annotation in annotations { bound += 48 + size(annotation.value) }
        for tag in tags { bound += 20 + size(tag.key) + size(tag.value) }
        return bound
    }
}
