internal import Wire

/// Where telemetry comes from (resource.v1 Resource).
public struct ResourceView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var attributes: Messages<KeyValueView> { message.messages(1) }
    public var droppedAttributesCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(2)) }
    public var entityRefs: Messages<EntityRefView> { message.messages(3) }
}

/// Which attributes of a resource identify and describe an entity (common.v1 EntityRef).
public struct EntityRefView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var schemaURL: String { message.text(1) }
    public var type: String { message.text(2) }
    public var idKeys: [String] { message.texts(3) }
    public var descriptionKeys: [String] { message.texts(4) }
}

/// The library that made telemetry (common.v1 InstrumentationScope).
public struct ScopeView: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    public var name: String { message.text(1) }
    public var version: String { message.text(2) }
    public var attributes: Messages<KeyValueView> { message.messages(3) }
    public var droppedAttributesCount: UInt32 { UInt32(truncatingIfNeeded: message.unsigned(4)) }
}

/// The telemetry of one resource: ResourceSpans, ResourceMetrics or ResourceLogs.
public struct ResourceGroup<Record: MessageView>: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    /// The resource; one without attributes when the field is absent.
    public var resource: ResourceView { message.message(1) ?? ResourceView(WireMessage(.empty)) }
    public var scopes: Messages<ScopeGroup<Record>> { message.messages(2) }
    public var schemaURL: String { message.text(3) }
}

/// The telemetry of one scope: ScopeSpans, ScopeMetrics or ScopeLogs.
public struct ScopeGroup<Record: MessageView>: MessageView {
    public let message: WireMessage
    public init(_ message: WireMessage) { self.message = message }

    /// The scope; one without a name when the field is absent.
    public var scope: ScopeView { message.message(1) ?? ScopeView(WireMessage(.empty)) }
    public var records: Messages<Record> { message.messages(2) }
    public var schemaURL: String { message.text(3) }
}

extension Batch {
    /// The traces in order; empty for other signals.
    public var resourceSpans: [ResourceGroup<SpanView>] { groups(of: .traces) }
    /// The metrics in order; empty for other signals.
    public var resourceMetrics: [ResourceGroup<MetricView>] { groups(of: .metrics) }
    /// The logs in order; empty for other signals.
    public var resourceLogs: [ResourceGroup<LogRecordView>] { groups(of: .logs) }

    private func groups<Record: MessageView>(of signal: Signal) -> [ResourceGroup<Record>] {
        guard self.signal == signal else { return [] }
        return chunks.flatMap { WireMessage($0.bytes).messages(1, as: ResourceGroup<Record>.self) }
    }
}
