internal import Telemetry
internal import Wire

/// A batch that is being made of the spans of one message, with what they have in common written once.
struct JaegerAssembly: ~Copyable {
    let bytes: Bytes
    /// The most bytes that the spans may become, with their resources and scopes.
    let limit: Int
    /// The span that is being read.
    var span = JaegerSpan()
    private var builder: GroupedTracesBuilder

    init(_ bytes: Bytes, limit: Int) {
        self.bytes = bytes
        self.limit = limit
        builder = GroupedTracesBuilder(capacity: min(bytes.count * 2, 1 << 20) + 256)
    }

    /// Names what sent the spans that follow and have no process of their own.
    mutating func begin(_ resource: EncodedAttributes) { builder.begin(resource) }

    /// Writes the span that was read.
    ///
    /// - Parameters:
    ///   - resource: what sent it, if it has a process of its own.
    ///   - start: where it begins, for errors.
    /// - Throws: when it has too many parts, or all spans together become too large.
    mutating func finishSpan(of resource: EncodedAttributes? = nil, at start: Int) throws(JaegerError) {
        guard !span.isOverfull else {
            throw JaegerError(
                "a span has more than \(JaegerSpan.partLimit) tags, references, logs and fields", at: start)
        }
        guard !span.isBlank else { return }
        let (span, bytes) = (span, bytes)
        let marks = JaegerMarks(span.tags.all, bytes)
        let scope = marks.scopeName == nil ? EncodedScope() : JaegerTranslation.scope(span, marks, of: bytes)
        if let resource {
            builder.span(of: resource, in: scope) { JaegerTranslation.write(span, marks, of: bytes, to: $0) }
        } else {
            builder.span(in: scope) { JaegerTranslation.write(span, marks, of: bytes, to: $0) }
        }
        guard builder.byteCount <= limit else {
            throw JaegerError("the spans become larger than \(limit) bytes as OTLP", at: start)
        }
    }

    consuming func finish() -> Batch { builder.finish() }

    /// The resource of a process.
    static func resource(_ process: JaegerProcess, _ bytes: Bytes, at start: Int) throws(JaegerError)
        -> EncodedAttributes
    {
        guard !process.isOverfull else {
            throw JaegerError("a process has more than \(JaegerSpan.partLimit) tags", at: start)
        }
        return EncodedAttributes { JaegerTranslation.write(process, of: bytes, to: $0) }
    }
}
