public import Wire

/// One span (trace.v1 Span).
///
/// Times are nanoseconds since 1970.
public struct SpanView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    /// 16 bytes, or none.
    public var traceID: Bytes { message.data(1) }
    /// 8 bytes, or none.
    public var spanID: Bytes { message.data(2) }
    public var traceState: String { message.text(3) }
    /// 8 bytes, or none for a root span.
    public var parentSpanID: Bytes { message.data(4) }
    public var name: String { message.text(5) }
    /// SpanKind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    public var kind: Int { Int(Int32(truncatingIfNeeded: message.unsigned(6))) }
    public var startTime: UInt64 { message.unsigned(7) }
    public var endTime: UInt64 { message.unsigned(8) }
    public var attributes: Messages<KeyValueView> { message.messages(9) }
    public var droppedAttributesCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(10)) }
    public var events: Messages<EventView> { message.messages(11) }
    public var droppedEventsCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(12)) }
    public var links: Messages<LinkView> { message.messages(13) }
    public var droppedLinksCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(14)) }
    /// How it ended; `nil` when the field is absent, which means unset.
    public var status: StatusView? { message.message(15) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(16)) }
}

/// Something that happened during a span (trace.v1 Span.Event).
public struct EventView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var time: UInt64 { message.unsigned(1) }
    public var name: String { message.text(2) }
    public var attributes: Messages<KeyValueView> { message.messages(3) }
    public var droppedAttributesCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(4)) }
}

/// A pointer to another span (trace.v1 Span.Link).
public struct LinkView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var traceID: Bytes { message.data(1) }
    public var spanID: Bytes { message.data(2) }
    public var traceState: String { message.text(3) }
    public var attributes: Messages<KeyValueView> { message.messages(4) }
    public var droppedAttributesCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(5)) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(6)) }
}

/// How a span ended (trace.v1 Status).
public struct StatusView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var text: String { message.text(2) }
    /// StatusCode: 0 unset, 1 ok, 2 error.
    public var code: Int { Int(Int32(truncatingIfNeeded: message.unsigned(3))) }
}
