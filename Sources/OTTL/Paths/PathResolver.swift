internal import Settings
internal import Wire

/// Finds what the names of a path mean in a context.
struct PathResolver {
    let context: OTTLContext

    /// A kind of message whose fields paths lead to.
    enum Message: String {
        case resource, scope, span, spanevent, metric, datapoint, log, otelcol

        var fields: [String: FieldMaker] {
            switch self {
            case .resource: LogFields.resource
            case .scope: LogFields.scope
            case .span: SpanFields.span
            case .spanevent: SpanFields.event
            case .metric: MetricFields.metric
            case .datapoint: PointFields.point
            case .log: LogFields.log
            case .otelcol: SenderFields.sender
            }
        }

        init?(prefix: String) {
            switch prefix {
            case "instrumentation_scope": self = .scope
            default: self.init(rawValue: prefix)
            }
        }
    }

    /// The messages that statements of the context reach, the own one first and then outwards.
    static func reach(of context: OTTLContext) -> [Message] {
        switch context {
        case .resource: [.resource]
        case .scope: [.scope, .resource]
        case .span: [.span, .scope, .resource]
        case .spanevent: [.spanevent, .span, .scope, .resource]
        case .metric: [.metric, .scope, .resource]
        case .datapoint: [.datapoint, .metric, .scope, .resource]
        case .log: [.log, .scope, .resource]
        }
    }

    /// What a path points at and how far out it is.
    struct Resolved {
        let target: Target
        let steps: UInt8
        /// The attribute that it is, for comparisons that make no value.
        var attribute: Bytes?
    }

    /// Finds what a path points at; `keys` are the compiled keys of each of its segments.
    func resolve(_ path: PathExpression, keys: [[PathKey]]) throws(OTTLError) -> Resolved {
        let (message, steps, skipped) = try message(of: path)
        let segments = path.segments.dropFirst(skipped)
        guard let first = segments.first else {
            let names = Self.names(of: message).joined(separator: ", ")
            throw OTTLError(
                "'\(path)' is no value; name one of its fields: \(names)", at: path.segments[0].range)
        }
        for (segment, keys) in zip(segments, keys.dropFirst(skipped)).dropLast() where !keys.isEmpty {
            throw OTTLError("'\(segment.name)' has fields and cannot be indexed here", at: segment.range)
        }
        let lastKeys = keys.last ?? []
        if first.name == "cache", segments.count == 1, message.rawValue == context.rawValue {
            return Resolved(target: .cache(lastKeys), steps: 0)
        }
        let name = segments.map(\.name).joined(separator: ".")
        guard let maker = message.fields[name] else { throw unknown(path, segments, message) }
        return try indexed(
            maker, name, message, steps, lastKeys, path.segments[path.segments.count - 1].range)
    }

    private func indexed(
        _ maker: FieldMaker, _ name: String, _ message: Message, _ steps: UInt8, _ keys: [PathKey],
        _ range: Range<Int>
    ) throws(OTTLError) -> Resolved {
        guard let key = keys.first else { return Resolved(target: maker(steps), steps: steps) }
        if name == "attributes" || message == .metric && name == "metadata" {
            var resolved = Resolved(target: .attribute(steps, keys), steps: steps)
            if keys.count == 1, case .text(let text) = key { resolved.attribute = text }
            return resolved
        }
        let single: Target? =
            switch (message, name) {
            case (.span, "trace_state"): SpanFields.traceState(steps, key)
            case (.otelcol, "client.metadata"):
                keys.count == 2 ? SenderFields.metadata(key, at: keys[1]) : SenderFields.metadata(key)
            case (.otelcol, "client.auth.attributes"): SenderFields.attribute(key)
            default: nil
            }
        if let single {
            let limit = name == "client.metadata" ? 2 : 1
            guard keys.count <= limit else {
                throw OTTLError("'\(name)' takes \(limit == 1 ? "one key" : "two keys")", at: range)
            }
            return Resolved(target: single, steps: steps)
        }
        let target = maker(steps)
        guard !target.kinds.isDisjoint(with: [.map, .list]) else {
            throw OTTLError("'\(name)' is \(target.kinds) and cannot be indexed", at: range)
        }
        return Resolved(target: target.indexed(keys), steps: steps)
    }

    /// The message that a path begins in, and how many of its names say so.
    private func message(of path: PathExpression) throws(OTTLError) -> (Message, UInt8, Int) {
        let reach = Self.reach(of: context)
        let first = path.segments[0]
        let own = reach[0]
        // `metric.name` is a field of the metric that a data point is in, `name` one of the own message.
        guard let message = Message(prefix: first.name), own.fields[first.name] == nil else {
            return (own, 0, 0)
        }
        if message == .otelcol { return (message, 0, 1) }
        guard let steps = reach.firstIndex(of: message) else {
            throw OTTLError(
                "a \(context.rawValue) statement cannot reach '\(first.name)'", at: first.range)
        }
        return (message, UInt8(steps), 1)
    }

    private func unknown(
        _ path: PathExpression, _ segments: ArraySlice<PathExpression.Segment>, _ message: Message
    ) -> OTTLError {
        let (start, end) = (segments[segments.startIndex].range, segments[segments.endIndex - 1].range)
        let range = start.lowerBound..<end.upperBound
        let name = segments.map(\.name).joined(separator: ".")
        let names = Self.names(of: message) + (message.rawValue == context.rawValue ? ["cache"] : [])
        if message == .otelcol, name.hasPrefix("grpc.metadata") {
            return OTTLError(
                "metadata of gRPC is kept with that of all clients", at: range,
                suggestion: "otelcol.client.metadata")
        }
        var candidates = names
        if segments.count == path.segments.count {
            // Without a prefix the field of an outer message may have been meant.
            for outer in Self.reach(of: context).dropFirst() {
                if outer.fields[name] != nil {
                    return OTTLError(
                        "a \(message.rawValue) has no field '\(name)'", at: range,
                        suggestion: "\(outer.rawValue).\(name)")
                }
            }
            candidates += Self.reach(of: context).map(\.rawValue)
        }
        let nearest = Spelling.nearest(to: name, among: candidates)
        return OTTLError(
            nearest == nil
                ? "a \(message.rawValue) has no field '\(name)'; it has \(names.joined(separator: ", "))"
                : "a \(message.rawValue) has no field '\(name)'", at: range, suggestion: nearest)
    }

    private static func names(of message: Message) -> [String] { message.fields.keys.sorted() }
}
