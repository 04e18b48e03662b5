internal import Telemetry
internal import Wire

/// The fields of spans and span events (trace.v1).
enum SpanFields {
    static let span: [String: FieldMaker] = [
        "trace_id": Fields.id(1, size: 16), "trace_id.string": Fields.idText(1, size: 16),
        "span_id": Fields.id(2, size: 8), "span_id.string": Fields.idText(2, size: 8),
        "parent_span_id": Fields.id(4, size: 8), "parent_span_id.string": Fields.idText(4, size: 8),
        "trace_state": Fields.text(3), "name": Fields.text(5),
        "kind": Fields.unsigned(6), "kind.string": kindText(kindNames),
        "kind.deprecated_string": kindText(deprecatedKindNames),
        "start_time_unix_nano": Fields.nanoseconds(7), "end_time_unix_nano": Fields.nanoseconds(8),
        "start_time": Fields.time(7), "end_time": Fields.time(8),
        "attributes": { Target.attributes($0) }, "dropped_attributes_count": Fields.unsigned(10),
        "events": Fields.messages(11, "events"), "dropped_events_count": Fields.unsigned(12),
        "links": Fields.messages(13, "links"), "dropped_links_count": Fields.unsigned(14),
        "status": Fields.message(15, "status"), "status.code": statusCode,
        "status.message": statusMessage, "flags": Fields.flags(16),
    ]

    static let event: [String: FieldMaker] = [
        "time_unix_nano": Fields.nanoseconds(1), "time": Fields.time(1), "name": Fields.text(2),
        "attributes": { Target.attributes($0) }, "dropped_attributes_count": Fields.unsigned(4),
    ]

    private static let kindNames = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"]

    private static let deprecatedKindNames = kindNames.map { "SPAN_KIND_" + $0.uppercased() }

    private static func kindText(_ names: [String]) -> FieldMaker {
        let texts = names.map { Bytes(utf8: $0) }
        return { steps in
            Target(
                kinds: .string, accepts: .string,
                get: { frame in
                    let kind = frame.draft(steps).bits(6)
                    return .string(kind < UInt64(texts.count) ? texts[Int(kind)] : .empty)
                },
                set: { frame, value throws(EvaluationError) in
                    let text = try value.asText()
                    guard let kind = texts.firstIndex(where: { $0.isEqual(to: text) }) else {
                        throw .message("'\(text.string)' is not a kind of span")
                    }
                    try frame.draft(steps).set(6, .unsigned(UInt64(kind)))
                })
        }
    }

    private static let statusCode: FieldMaker = { steps in
        Target(
            kinds: .int, accepts: .int,
            get: { frame in .int(frame.draft(steps).message(15)?.signed(3) ?? 0) },
            set: { frame, value throws(EvaluationError) in
                let code = UInt64(UInt32(truncatingIfNeeded: try value.asInt()))
                try frame.draft(steps).set(3, of: 15, .unsigned(code))
            })
    }

    private static let statusMessage: FieldMaker = { steps in
        Target(
            kinds: .string, accepts: .string,
            get: { frame in .string(frame.draft(steps).message(15)?.data(2) ?? .empty) },
            set: { frame, value throws(EvaluationError) in
                try frame.draft(steps).set(2, of: 15, .text(try value.asText().string))
            })
    }

    /// One entry of the trace state.
    static func traceState(_ steps: UInt8, _ key: PathKey) -> Target {
        Target(
            kinds: [.string, .null], accepts: .string,
            get: { frame throws(EvaluationError) in
                guard let state = TraceState(frame.draft(steps).text(3)) else { return .null }
                return .text(state[try key.text(frame).string] ?? "")
            },
            set: { frame, value throws(EvaluationError) in
                let (name, text) = (try key.text(frame).string, try value.asText().string)
                guard var state = TraceState(frame.draft(steps).text(3)) else { return }
                if state.insert(name, text) { try frame.draft(steps).set(3, .text(state.text)) }
            })
    }
}
