public import Wire

/// One log record (logs.v1 LogRecord).
///
/// Times are nanoseconds since 1970.
public struct LogRecordView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var time: UInt64 { message.unsigned(1) }
    public var observedTime: UInt64 { message.unsigned(11) }
    /// SeverityNumber: 1…4 trace, 5…8 debug, 9…12 info, 13…16 warn, 17…20 error, 21…24 fatal.
    public var severityNumber: Int { Int(Int32(truncatingIfNeeded: message.unsigned(2))) }
    public var severityText: String { message.text(3) }
    /// The body; `nil` when the field is absent.
    public var body: AnyValueView? { message.message(5) }
    public var attributes: Messages<KeyValueView> { message.messages(6) }
    public var droppedAttributesCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(7)) }
    public var flags: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(8)) }
    /// 16 bytes, or none.
    public var traceID: Bytes { message.data(9) }
    /// 8 bytes, or none.
    public var spanID: Bytes { message.data(10) }
    public var eventName: String { message.text(12) }
}
