internal import Telemetry
internal import Wire

/// The fields of resources, scopes and log records (resource.v1, common.v1, logs.v1).
enum LogFields {
    static let resource: [String: FieldMaker] = [
        "attributes": { Target.attributes($0) }, "dropped_attributes_count": Fields.unsigned(2),
        "schema_url": Fields.readOnly(.string) { .string($0.schemaURL) },
    ]

    static let scope: [String: FieldMaker] = [
        "name": Fields.text(1), "version": Fields.text(2), "attributes": { Target.attributes($0) },
        "dropped_attributes_count": Fields.unsigned(4),
        "schema_url": Fields.readOnly(.string) { .string($0.schemaURL) },
    ]

    static let log: [String: FieldMaker] = [
        "time_unix_nano": Fields.nanoseconds(1), "time": Fields.time(1),
        "observed_time_unix_nano": Fields.nanoseconds(11), "observed_time": Fields.time(11),
        "severity_number": Fields.unsigned(2), "severity_text": Fields.text(3),
        "body": body, "body.string": bodyText,
        "attributes": { Target.attributes($0) }, "dropped_attributes_count": Fields.unsigned(7),
        "flags": Fields.flags(8), "event_name": Fields.text(12),
        "trace_id": Fields.id(9, size: 16), "trace_id.string": Fields.idText(9, size: 16),
        "span_id": Fields.id(10, size: 8), "span_id.string": Fields.idText(10, size: 8),
    ]

    private static let body: FieldMaker = { steps in
        let get: Getter = { frame in Self.value(frame.draft(steps)) }
        let set: Setter = { frame, value throws(EvaluationError) in
            try frame.draft(steps).set(5, .value(try value.attributeValue))
        }
        return Target(
            kinds: .attribute, accepts: .attribute, get: get, set: set,
            map: MapTarget(location: .value(get: get, set: set)))
    }

    private static let bodyText: FieldMaker = { steps in
        Target(
            kinds: .string, accepts: .string,
            get: { frame in .string(Self.value(frame.draft(steps)).plainText) },
            set: { frame, value throws(EvaluationError) in
                try frame.draft(steps).set(5, .value(try Value.string(try value.asText()).attributeValue))
            })
    }

    private static func value(_ draft: Draft) -> Value {
        draft.message(5).map { Value(AnyValueView($0)) } ?? .null
    }
}
