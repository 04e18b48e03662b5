internal import Telemetry
internal import Wire

/// The fields of metrics (metrics.v1).
enum MetricFields {
    static let metric: [String: FieldMaker] = [
        "name": Fields.text(1), "description": Fields.text(2), "unit": Fields.text(3),
        "type": Fields.readOnly(.int) { .int(Int64(dataFields.firstIndex(of: $0.dataField) ?? -1) + 1) },
        "aggregation_temporality": aggregationTemporality, "is_monotonic": isMonotonic,
        "data_points": dataPoints, "metadata": { Target.attributes($0) },
    ]

    /// Fields of the data of a metric, in the order of the enumeration: gauge, sum, histogram, exponential
    /// histogram, summary.
    static let dataFields = [5, 7, 9, 10, 11]

    private static let aggregationTemporality: FieldMaker = { steps in
        Target(
            kinds: [.int, .null], accepts: .int,
            get: { frame in
                let draft = frame.draft(steps)
                guard let field = draft.dataField(among: 7, 9, 10) else { return .null }
                return .int(Int64(bitPattern: draft.unsigned(2, besidePointsIn: field)))
            },
            set: { frame, value throws(EvaluationError) in
                let (draft, new) = (frame.draft(steps), try value.asInt())
                guard let field = draft.dataField(among: 7, 9, 10) else { return }
                try draft.set(2, of: field, .unsigned(UInt64(UInt32(truncatingIfNeeded: new))))
            })
    }

    private static let isMonotonic: FieldMaker = { steps in
        Target(
            kinds: [.bool, .null], accepts: .bool,
            get: { frame in
                let draft = frame.draft(steps)
                guard draft.dataField == 7 else { return .null }
                return .bool(draft.unsigned(3, besidePointsIn: 7) != 0)
            },
            set: { frame, value throws(EvaluationError) in
                let (draft, new) = (frame.draft(steps), try value.asBool())
                if draft.dataField == 7 { try draft.set(3, of: 7, .unsigned(new ? 1 : 0)) }
            })
    }

    private static let dataPoints: FieldMaker = { steps in
        Target(
            kinds: [.message, .null], accepts: .message,
            get: { frame in
                let draft = frame.draft(steps)
                guard let field = draft.dataField(among: 5, 7, 9, 10, 11),
                    let points = draft.points(in: field)
                else { return .null }
                return .message(Value.Opaque(pointsName(field), points))
            },
            set: { frame, value throws(EvaluationError) in
                let draft = frame.draft(steps)
                guard let field = draft.dataField(among: 5, 7, 9, 10, 11), let data = draft.message(field)
                else { return }
                let points = try value.asMessage(pointsName(field))
                var writer = Writer(capacity: points.count + 16)
                writer.write(raw: points)
                writer.write(raw: data.fields(1, are: false))
                try draft.set(field, .data(writer.finish()))
            })
    }

    private static func pointsName(_ field: Int) -> String {
        switch field {
        case 5, 7: "number data points"
        case 9: "histogram data points"
        case 10: "exponential histogram data points"
        default: "summary data points"
        }
    }
}

extension Draft {
    /// The field that holds the data of a metric; 0 when it has none.
    var dataField: Int { MetricFields.dataFields.first { hasField($0) } ?? 0 }

    /// The field that holds the data of a metric, if it is one of these.
    func dataField(among fields: Int...) -> Int? {
        let field = dataField
        return fields.contains(field) ? field : nil
    }
}

extension WireMessage {
    /// Those fields, whole, whose number is (or is not) `number`.
    func fields(_ number: Int, are isWanted: Bool) -> Bytes {
        var writer = Writer(capacity: bytes.count)
        for field in fields where (field.number == number) == isWanted {
            writer.write(raw: bytes[field.start..<field.value.upperBound])
        }
        return writer.finish()
    }
}
