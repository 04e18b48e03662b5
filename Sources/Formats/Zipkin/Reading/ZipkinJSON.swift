internal import Telemetry
internal import Wire

/// Reads lists of spans in JSON, a span at a time, into one that is used again and again.
struct ZipkinJSON {
    private var reader: JSONPullReader

    init(_ body: Bytes) { reader = JSONPullReader(body) }

    /// Reads spans of version 2; `body` gets each with the place where it ends.
    mutating func readSpans(
        _ body: (ZipkinSpan, Int) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        var span = ZipkinSpan()
        try readList { (reader) throws(InvalidTelemetry) in
            span.reset()
            try reader.object { (reader, key) throws(InvalidTelemetry) in
                try Self.read(key, &reader, into: &span)
            }
            if let problem = span.identity.problem { throw reader.fault(problem) }
            try body(span, reader.position)
        }
    }

    /// Reads spans of version 1; `body` gets each with the place where it ends.
    mutating func readSpansV1(
        _ body: (ZipkinSpanV1, Int) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        var span = ZipkinSpanV1()
        try readList { (reader) throws(InvalidTelemetry) in
            span.reset()
            try reader.object { (reader, key) throws(InvalidTelemetry) in
                try Self.read(key, &reader, into: &span)
            }
            if let problem = span.identity.problem { throw reader.fault(problem) }
            try body(span, reader.position)
        }
    }

    /// Reads the list, without elements that are `null`; errors say in which element they are.
    private mutating func readList(
        _ element: (inout JSONPullReader) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        var index = 0
        guard reader.kind == .array else { throw reader.fault("expected an array of spans") }
        try reader.array { (reader) throws(InvalidTelemetry) in
            if !reader.takeNull() {
                do throws(InvalidTelemetry) {
                    try element(&reader)
                } catch {
                    throw error.inside("span \(index)")
                }
            }
            index += 1
        }
        try reader.finish()
    }

    // MARK: - Fields

    private static func read(
        _ key: Bytes, _ reader: inout JSONPullReader, into span: inout ZipkinSpan
    ) throws(InvalidTelemetry) {
        do throws(InvalidTelemetry) {
            if try reader.identity(key, into: &span.identity) { return }
            if key.isEqual(to: "tags") {
                try readTags(&reader, into: &span.tags)
            } else if key.isEqual(to: "annotations") {
                try reader.annotations(into: &span.annotations)
            } else if key.isEqual(to: "kind") {
                span.kind = kind(try reader.optionalString())
            } else if key.isEqual(to: "localEndpoint") {
                span.local = try reader.endpoint()
            } else if key.isEqual(to: "remoteEndpoint") {
                span.remote = try reader.endpoint()
            } else {
                try reader.skip()
            }
        } catch {
            throw error.inside(String(key.string.prefix(40)))
        }
    }

    private static func read(
        _ key: Bytes, _ reader: inout JSONPullReader, into span: inout ZipkinSpanV1
    ) throws(InvalidTelemetry) {
        do throws(InvalidTelemetry) {
            if try reader.identity(key, into: &span.identity) { return }
            if key.isEqual(to: "annotations") {
                try reader.annotations(into: &span.annotations)
            } else if key.isEqual(to: "binaryAnnotations") {
                try readBinaryAnnotations(&reader, into: &span.binaryAnnotations)
            } else {
                try reader.skip()
            }
        } catch {
            throw error.inside(String(key.string.prefix(40)))
        }
    }

    private static func readTags(
        _ reader: inout JSONPullReader, into tags: inout ZipkinTags
    ) throws(InvalidTelemetry) {
        if reader.takeNull() { return }
        try reader.object { (reader, key) throws(InvalidTelemetry) in
            guard tags.pairs.count < ZipkinIdentity.partLimit else {
                throw reader.fault(ZipkinIdentity.tooManyParts)
            }
            tags.set(key, try reader.scalarText())
        }
    }

    /// A kind that is not known is none.
    private static func kind(_ text: Bytes) -> Int {
        if text.isEqual(to: "CLIENT") { return 1 }
        if text.isEqual(to: "SERVER") { return 2 }
        if text.isEqual(to: "PRODUCER") { return 3 }
        return text.isEqual(to: "CONSUMER") ? 4 : 0
    }

    private static func readBinaryAnnotations(
        _ reader: inout JSONPullReader, into annotations: inout [ZipkinSpanV1.BinaryAnnotation]
    ) throws(InvalidTelemetry) {
        if reader.takeNull() { return }
        annotations.removeAll(keepingCapacity: true)
        try reader.array { (reader) throws(InvalidTelemetry) in
            if reader.takeNull() { return }
            guard annotations.count < ZipkinIdentity.partLimit else {
                throw reader.fault(ZipkinIdentity.tooManyParts)
            }
            var annotation = ZipkinSpanV1.BinaryAnnotation()
            try reader.object { (reader, key) throws(InvalidTelemetry) in
                if key.isEqual(to: "key") {
                    annotation.key = try reader.optionalString()
                } else if key.isEqual(to: "value") {
                    let isBool = reader.kind == .bool
                    annotation.value = try reader.scalarText()
                    annotation.isTrue = isBool && annotation.value.isEqual(to: "true")
                } else if key.isEqual(to: "endpoint") {
                    annotation.endpoint = try reader.endpoint()
                } else {
                    try reader.skip()
                }
            }
            annotations.append(annotation)
        }
    }
}
