import FoundationEssentials
import OTLPOracle
import SwiftProtobuf
import Telemetry
import Wire

// The oracle's messages rebuilt from what the views say: when they equal the originals, the views read every
// field right. What no view shows (keys by index) is read by its number.

extension Data {
    init(_ bytes: Bytes) { self.init(bytes.array) }
}

extension OTLP.AnyValue {
    init(_ view: AnyValueView) {
        self.init()
        switch view.content {
        case .empty: break
        case .string(let text): stringValue = text
        case .bool(let flag): boolValue = flag
        case .int(let number): intValue = number
        case .double(let number): doubleValue = number
        case .array(let values): arrayValue.values = values.map { .init($0) }
        case .keyValues(let pairs): kvlistValue.values = pairs.map { .init($0) }
        case .bytes(let bytes): bytesValue = Data(bytes)
        case .stringIndex(let index): stringValueStrindex = Int32(index)
        }
        // Naming a list makes it present, which a loop over no elements would not.
        if case .array = view.content, arrayValue.values.isEmpty { arrayValue = .init() }
        if case .keyValues = view.content, kvlistValue.values.isEmpty { kvlistValue = .init() }
    }
}

extension OTLP.KeyValue {
    init(_ view: KeyValueView) {
        self.init()
        key = view.key
        if view.message.has(2) { value = .init(view.value) }
        keyStrindex = Int32(truncatingIfNeeded: view.message.signed(3))
    }
}

extension OTLP.Resource {
    init(_ view: ResourceView) {
        self.init()
        attributes = view.attributes.map { .init($0) }
        droppedAttributesCount = view.droppedAttributesCount
        entityRefs = view.entityRefs.map { entity in
            .with {
                $0.schemaURL = entity.schemaURL
                $0.type = entity.type
                $0.idKeys = entity.idKeys
                $0.descriptionKeys = entity.descriptionKeys
            }
        }
    }
}

extension OTLP.Scope {
    init(_ view: ScopeView) {
        self.init()
        name = view.name
        version = view.version
        attributes = view.attributes.map { .init($0) }
        droppedAttributesCount = view.droppedAttributesCount
    }
}

extension OTLP.TracesData {
    init(viewing batch: Batch) {
        self.init()
        resourceSpans = batch.resourceSpans.map { group in
            .with { data in
                if group.message.has(1) { data.resource = .init(group.resource) }
                data.schemaURL = group.schemaURL
                data.scopeSpans = group.scopes.map { scope in
                    .with {
                        if scope.message.has(1) { $0.scope = .init(scope.scope) }
                        $0.schemaURL = scope.schemaURL
                        $0.spans = scope.records.map { .init($0) }
                    }
                }
            }
        }
    }
}

extension OTLP.Span {
    init(_ view: SpanView) {
        self.init()
        traceID = Data(view.traceID)
        spanID = Data(view.spanID)
        traceState = view.traceState
        parentSpanID = Data(view.parentSpanID)
        flags = view.flags
        name = view.name
        kind = SpanKind(rawValue: view.kind) ?? .unspecified
        startTimeUnixNano = view.startTime
        endTimeUnixNano = view.endTime
        attributes = view.attributes.map { .init($0) }
        droppedAttributesCount = view.droppedAttributesCount
        events = view.events.map { .init($0) }
        droppedEventsCount = view.droppedEventsCount
        links = view.links.map { .init($0) }
        droppedLinksCount = view.droppedLinksCount
        guard let ending = view.status else { return }
        status.message = ending.text
        status.code = OTLP.Status.StatusCode(rawValue: ending.code) ?? .unset
    }
}

extension OTLP.Span.Event {
    init(_ view: EventView) {
        self.init()
        timeUnixNano = view.time
        name = view.name
        attributes = view.attributes.map { .init($0) }
        droppedAttributesCount = view.droppedAttributesCount
    }
}

extension OTLP.Span.Link {
    init(_ view: LinkView) {
        self.init()
        traceID = Data(view.traceID)
        spanID = Data(view.spanID)
        traceState = view.traceState
        attributes = view.attributes.map { .init($0) }
        droppedAttributesCount = view.droppedAttributesCount
        flags = view.flags
    }
}

extension OTLP.LogsData {
    init(viewing batch: Batch) {
        self.init()
        resourceLogs = batch.resourceLogs.map { group in
            .with { data in
                if group.message.has(1) { data.resource = .init(group.resource) }
                data.schemaURL = group.schemaURL
                data.scopeLogs = group.scopes.map { scope in
                    .with {
                        if scope.message.has(1) { $0.scope = .init(scope.scope) }
                        $0.schemaURL = scope.schemaURL
                        $0.logRecords = scope.records.map { .init($0) }
                    }
                }
            }
        }
    }
}

extension OTLP.LogRecord {
    init(_ view: LogRecordView) {
        self.init()
        timeUnixNano = view.time
        observedTimeUnixNano = view.observedTime
        severityNumber = .init(rawValue: view.severityNumber) ?? .unspecified
        severityText = view.severityText
        if let content = view.body { body = .init(content) }
        attributes = view.attributes.map { .init($0) }
        droppedAttributesCount = view.droppedAttributesCount
        flags = view.flags
        traceID = Data(view.traceID)
        spanID = Data(view.spanID)
        eventName = view.eventName
    }
}
