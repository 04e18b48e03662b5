public import Telemetry
public import Wire

/// The forms in which spans of Zipkin travel.
public enum ZipkinForm: Sendable, CaseIterable {
    /// A list of spans of version 1 in JSON.
    case jsonV1
    /// A list of spans of version 2 in JSON.
    case json
    /// A list of spans of version 2 in protobuf.
    case protobuf
    /// A list of spans of version 1 in Thrift, binary protocol.
    case thrift
}

/// Reads spans of Zipkin into OTLP.
///
/// Spans are read one after another and written at once; what is held of the body is the body. Spans of one
/// resource and scope come together, in the order in which they came.
public struct ZipkinDecoder: Sendable {
    private let parsesStringTags: Bool

    /// - Parameter parsesStringTags: whether texts that look like numbers and booleans become such; in Thrift
    ///   values have types of their own.
    public init(parsesStringTags: Bool = false) { self.parsesStringTags = parsesStringTags }

    /// Reads the body of a request.
    ///
    /// - Parameters:
    ///   - body: a list of spans, without compression.
    ///   - form: what the body is.
    ///   - limit: the most bytes that the spans may become, with their resources and scopes.
    ///   - now: nanoseconds since 1970, for spans of version 1 without any time.
    /// - Returns: the spans, in as many chunks as their resources need.
    /// - Throws: the first mistake, with its place, also when a span has more than 262144 annotations or tags
    ///   or all of them become too large: no span of the body is of use then.
    public func decode(
        _ body: Bytes, as form: ZipkinForm, limit: Int, now: UInt64
    ) throws(InvalidTelemetry) -> Batch {
        var builder = GroupedTracesBuilder(capacity: body.count)
        switch form {
        case .json:
            var translator = ZipkinTranslator(parsesStringTags: parsesStringTags)
            var reader = ZipkinJSON(body)
            try reader.readSpans { (span, place) throws(InvalidTelemetry) in
                translator.write(span, to: &builder)
                try Self.check(builder.byteCount, limit, at: place)
            }
        case .protobuf:
            var translator = ZipkinTranslator(parsesStringTags: parsesStringTags)
            var reader = ZipkinProtobuf(body)
            try reader.readSpans { (span, place) throws(InvalidTelemetry) in
                translator.write(span, to: &builder)
                try Self.check(builder.byteCount, limit, at: place)
            }
        case .jsonV1:
            var translator = ZipkinTranslatorV1(parsesStringTags: parsesStringTags, now: now)
            var reader = ZipkinJSON(body)
            try reader.readSpansV1 { (span, place) throws(InvalidTelemetry) in
                translator.write(span, to: &builder)
                try Self.check(builder.byteCount, limit, at: place)
            }
        case .thrift:
            var translator = ZipkinTranslatorV1(parsesStringTags: false, now: now)
            var reader = ZipkinThrift(body)
            try reader.readSpans { (span, place) throws(InvalidTelemetry) in
                translator.write(span, to: &builder)
                try Self.check(builder.byteCount, limit, at: place)
            }
        }
        return builder.finish()
    }

    private static func check(_ size: Int, _ limit: Int, at place: Int) throws(InvalidTelemetry) {
        guard size > limit else { return }
        throw InvalidTelemetry(reason: "the spans become larger than \(limit) bytes as OTLP", offset: place)
    }
}
