internal import Telemetry
internal import Wire

/// The fields of data points of every kind (metrics.v1).
///
/// A field that only other kinds of points have reads as `nil`, and setting it changes nothing.
enum PointFields {
    static let point: [String: FieldMaker] = [
        "attributes": { Target.attributes($0) },
        "start_time_unix_nano": Fields.nanoseconds(2), "time_unix_nano": Fields.nanoseconds(3),
        "start_time": Fields.time(2), "time": Fields.time(3),
        "value_double": number(4, .double, { .double(Double(bitPattern: $0)) }) {
            value throws(EvaluationError) in
            .double(try value.asDouble())
        },
        "value_int": number(6, .int, { .int(Int64(bitPattern: $0)) }) { value throws(EvaluationError) in
            .fixed64(UInt64(bitPattern: try value.asInt()))
        },
        "flags": scalar(.int, flags, { .int(Int64(bitPattern: $0)) }) { value throws(EvaluationError) in
            .unsigned(UInt64(UInt32(truncatingIfNeeded: try value.asInt())))
        },
        "count": scalar(.int, counted(4), { .int(Int64(bitPattern: $0)) }, fixed64),
        "sum": scalar(.double, counted(5), { .double(Double(bitPattern: $0)) }) {
            value throws(EvaluationError) in .double(try value.asDouble())
        },
        "scale": scalar(.int, exponential(6), { .int(Int64(ZigZag.decode($0 & 0xFFFF_FFFF))) }) {
            value throws(EvaluationError) in .zigZag(Int32(truncatingIfNeeded: try value.asInt()))
        },
        "zero_count": scalar(.int, exponential(7), { .int(Int64(bitPattern: $0)) }, fixed64),
        "bucket_counts": list(histogram(6), { $0.fixed64s($1).map { .int(Int64(bitPattern: $0)) } }) {
            values throws(EvaluationError) in .packedFixed64(try integers(values))
        },
        "explicit_bounds": list(histogram(7), { $0.doubles($1).map { .double($0) } }) {
            values throws(EvaluationError) in
            var bits: [UInt64] = []
            for value in values { bits.append(try value.asDouble().bitPattern) }
            return .packedFixed64(bits)
        },
        "exemplars": messages("exemplars", exemplars),
        "quantile_values": messages("quantile values") { $0 == .summaryPoint ? 6 : nil },
        "positive": buckets(8), "positive.offset": offset(8), "positive.bucket_counts": bucketCounts(8),
        "negative": buckets(9), "negative.offset": offset(9), "negative.bucket_counts": bucketCounts(9),
    ]

    /// Where a kind of point has a field, if it has it.
    typealias Place = @Sendable (Draft.Kind) -> Int?

    private static let flags: Place = { kind in
        switch kind {
        case .numberPoint, .summaryPoint: 8
        default: 10
        }
    }

    private static let exemplars: Place = { kind in
        switch kind {
        case .numberPoint: 5
        case .histogramPoint: 8
        case .exponentialHistogramPoint: 11
        default: nil
        }
    }

    private static func counted(_ number: Int) -> Place { { $0 == .numberPoint ? nil : number } }

    private static func histogram(_ number: Int) -> Place { { $0 == .histogramPoint ? number : nil } }

    private static func exponential(_ number: Int) -> Place {
        { $0 == .exponentialHistogramPoint ? number : nil }
    }

    private static let fixed64: @Sendable (Value) throws(EvaluationError) -> Draft.FieldValue = {
        value throws(EvaluationError) in .fixed64(UInt64(bitPattern: try value.asInt()))
    }

    private static func integers(_ values: [Value]) throws(EvaluationError) -> [UInt64] {
        var integers: [UInt64] = []
        for value in values { integers.append(UInt64(bitPattern: try value.asInt())) }
        return integers
    }

    private static func scalar(
        _ kind: ValueKinds, _ place: @escaping Place, _ read: @escaping @Sendable (UInt64) -> Value,
        _ write: @escaping @Sendable (Value) throws(EvaluationError) -> Draft.FieldValue
    ) -> FieldMaker {
        { steps in
            Target(
                kinds: kind.union(.null), accepts: kind,
                get: { frame in
                    let draft = frame.draft(steps)
                    return place(draft.kind).map { read(draft.bits($0)) } ?? .null
                },
                set: { frame, value throws(EvaluationError) in
                    let (draft, new) = (frame.draft(steps), try write(value))
                    if let number = place(draft.kind) { try draft.set(number, new) }
                })
        }
    }

    /// One of the two types of the value of a number; it reads as 0 when the other one is there.
    private static func number(
        _ number: Int, _ kind: ValueKinds, _ read: @escaping @Sendable (UInt64) -> Value,
        _ write: @escaping @Sendable (Value) throws(EvaluationError) -> Draft.FieldValue
    ) -> FieldMaker {
        scalar(kind, { $0 == .numberPoint ? number : nil }, read, write)
    }

    private static func list(
        _ place: @escaping Place, _ read: @escaping @Sendable (WireMessage, Int) -> [Value],
        _ write: @escaping @Sendable ([Value]) throws(EvaluationError) -> Draft.FieldValue
    ) -> FieldMaker {
        { steps in
            Target(
                kinds: [.list, .null], accepts: .list,
                get: { frame in
                    let draft = frame.draft(steps)
                    return place(draft.kind).map { .list(read(draft.current, $0)) } ?? .null
                },
                set: { frame, value throws(EvaluationError) in
                    guard let values = value.elements else {
                        throw .wrongKind(expected: .list, got: value.kind)
                    }
                    let (draft, new) = (frame.draft(steps), try write(values))
                    guard let number = place(draft.kind) else { return }
                    try draft.checkWritable()
                    draft.removeField(number)
                    try draft.set(number, new)
                })
        }
    }

    private static func messages(_ name: String, _ place: @escaping Place) -> FieldMaker {
        { steps in
            Target(
                kinds: [.message, .null], accepts: .message,
                get: { frame in
                    let draft = frame.draft(steps)
                    return place(draft.kind).map { .message(.init(name, draft.messages(in: $0))) } ?? .null
                },
                set: { frame, value throws(EvaluationError) in
                    let (draft, new) = (frame.draft(steps), try value.asMessage(name))
                    if let number = place(draft.kind) { try draft.set(number, messages: new) }
                })
        }
    }

    private static func buckets(_ number: Int) -> FieldMaker {
        { steps in
            let place = exponential(number)
            return Target(
                kinds: [.message, .null], accepts: .message,
                get: { frame in
                    let draft = frame.draft(steps)
                    guard place(draft.kind) != nil else { return .null }
                    return .message(.init("buckets", draft.message(number)?.bytes ?? .empty))
                },
                set: { frame, value throws(EvaluationError) in
                    let (draft, new) = (frame.draft(steps), try value.asMessage("buckets"))
                    if place(draft.kind) != nil { try draft.set(number, .data(new)) }
                })
        }
    }

    private static func offset(_ message: Int) -> FieldMaker {
        bucketField(
            message, .int, { .int(Int64($0?.zigZag(1) ?? 0)) }
        ) { draft, value throws(EvaluationError) in
            try draft.set(1, of: message, .zigZag(Int32(truncatingIfNeeded: try value.asInt())))
        }
    }

    private static func bucketCounts(_ message: Int) -> FieldMaker {
        bucketField(
            message, .list, { .list(($0?.varints(2) ?? []).map { .int(Int64(bitPattern: $0)) }) }
        ) { draft, value throws(EvaluationError) in
            guard let values = value.elements else { throw .wrongKind(expected: .list, got: value.kind) }
            try draft.set(2, of: message, .packedVarints(try integers(values)))
        }
    }

    private static func bucketField(
        _ message: Int, _ kind: ValueKinds, _ read: @escaping @Sendable (WireMessage?) -> Value,
        _ write: @escaping @Sendable (Draft, Value) throws(EvaluationError) -> Void
    ) -> FieldMaker {
        { steps in
            let place = exponential(message)
            return Target(
                kinds: kind.union(.null), accepts: kind,
                get: { frame in
                    let draft = frame.draft(steps)
                    return place(draft.kind) == nil ? .null : read(draft.message(message))
                },
                set: { frame, value throws(EvaluationError) in
                    let draft = frame.draft(steps)
                    if place(draft.kind) != nil { try write(draft, value) }
                })
        }
    }
}
