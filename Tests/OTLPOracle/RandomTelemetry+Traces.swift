extension RandomTelemetry {
    /// About `size` spans in random groups.
    public mutating func traces() -> OTLP.TracesData {
        var data = OTLP.TracesData()
        for group in groups() {
            var resourceSpans = OTLP.ResourceSpans()
            if !source.once(in: 8) { resourceSpans.resource = resource() }
            resourceSpans.schemaURL = source.text()
            resourceSpans.scopeSpans = scopeSpans(group)
            data.resourceSpans.append(extended(resourceSpans))
        }
        return data
    }

    private mutating func scopeSpans(_ count: Int) -> [OTLP.ScopeSpans] {
        let first = source.integer(in: 0...count)
        return [first, count - first].map { spans in
            var scopeSpans = OTLP.ScopeSpans()
            if !source.once(in: 8) { scopeSpans.scope = scope() }
            scopeSpans.schemaURL = source.text()
            scopeSpans.spans = (0..<spans).map { _ in span() }
            return extended(scopeSpans)
        }
    }

    /// One random span.
    public mutating func span() -> OTLP.Span {
        var span = OTLP.Span()
        span.traceID = source.identifier(16)
        span.spanID = source.identifier(8)
        span.traceState = source.text()
        span.parentSpanID = source.identifier(8)
        span.flags = sparse()
        span.name = source.text()
        span.kind = OTLP.Span.SpanKind(rawValue: source.integer(in: -1...6)) ?? .unspecified
        span.startTimeUnixNano = source.any()
        span.endTimeUnixNano = source.any()
        span.attributes = attributes()
        span.droppedAttributesCount = sparse()
        span.events = (0..<source.integer(in: 0...2)).map { _ in event() }
        span.droppedEventsCount = sparse()
        span.links = (0..<source.integer(in: 0...2)).map { _ in link() }
        span.droppedLinksCount = sparse()
        if source.once(in: 2) { span.status = status() }
        return extended(span)
    }

    private mutating func event() -> OTLP.Span.Event {
        var event = OTLP.Span.Event()
        event.timeUnixNano = source.any()
        event.name = source.text()
        event.attributes = attributes()
        event.droppedAttributesCount = sparse()
        return extended(event)
    }

    private mutating func link() -> OTLP.Span.Link {
        var link = OTLP.Span.Link()
        link.traceID = source.identifier(16)
        link.spanID = source.identifier(8)
        link.traceState = source.text()
        link.attributes = attributes()
        link.droppedAttributesCount = sparse()
        link.flags = sparse()
        return extended(link)
    }

    private mutating func status() -> OTLP.Status {
        var status = OTLP.Status()
        status.message = source.text()
        status.code = OTLP.Status.StatusCode(rawValue: source.integer(in: 0...3)) ?? .unset
        return extended(status)
    }
}
