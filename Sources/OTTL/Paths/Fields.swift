internal import Telemetry
internal import Wire

/// A field that a path leads to, before it is known how far out its message is.
typealias FieldMaker = @Sendable (UInt8) -> Target

/// Makes fields of the common types, by their number in OTLP.
enum Fields {
    /// A string.
    static func text(_ number: Int) -> FieldMaker {
        { steps in
            Target(
                kinds: .string, accepts: .string,
                get: { frame in .string(frame.draft(steps).data(number)) },
                set: { frame, value throws(EvaluationError) in
                    try frame.draft(steps).set(number, .text(try value.asText().string))
                }, field: .init(steps: steps, number: number))
        }
    }

    /// An integer with `read` and `write` between it and the wire.
    static func int(
        _ number: Int, _ write: @escaping @Sendable (Int64) -> Draft.FieldValue
    ) -> FieldMaker {
        { steps in
            Target(
                kinds: .int, accepts: .int,
                get: { frame in .int(Int64(bitPattern: frame.draft(steps).bits(number))) },
                set: { frame, value throws(EvaluationError) in
                    try frame.draft(steps).set(number, write(try value.asInt()))
                })
        }
    }

    /// A uint32 or an enumeration, as varint.
    static func unsigned(_ number: Int) -> FieldMaker {
        int(number) { .unsigned(UInt64(UInt32(truncatingIfNeeded: $0))) }
    }

    /// Flags, as fixed32.
    static func flags(_ number: Int) -> FieldMaker {
        int(number) { .fixed32(UInt32(truncatingIfNeeded: $0)) }
    }

    /// A moment, in nanoseconds since 1970 as an int.
    static func nanoseconds(_ number: Int) -> FieldMaker {
        int(number) { .fixed64(UInt64(bitPattern: $0)) }
    }

    /// A moment, as a time.
    static func time(_ number: Int) -> FieldMaker {
        { steps in
            Target(
                kinds: .time, accepts: .time,
                get: { frame in
                    .time(Time(nanoseconds: Int64(bitPattern: frame.draft(steps).bits(number))))
                },
                set: { frame, value throws(EvaluationError) in
                    let time = try value.asTime()
                    try frame.draft(steps).set(number, .fixed64(UInt64(bitPattern: time.nanoseconds)))
                })
        }
    }

    /// An id of `size` bytes, all zeros where it is absent.
    static func id(_ number: Int, size: Int) -> FieldMaker {
        let zeros = Bytes([UInt8](repeating: 0, count: size))
        return { steps in
            Target(
                kinds: .bytes, accepts: .bytes,
                get: { frame in
                    let id = frame.draft(steps).data(number)
                    return .bytes(id.isEmpty ? zeros : id)
                },
                set: { frame, value throws(EvaluationError) in
                    guard case .bytes(let id) = value else {
                        throw .wrongKind(expected: .bytes, got: value.kind)
                    }
                    try set(id, number, zeros, frame.draft(steps))
                })
        }
    }

    /// The hexadecimal form of an id of `size` bytes.
    static func idText(_ number: Int, size: Int) -> FieldMaker {
        let zeros = Bytes([UInt8](repeating: 0, count: size))
        return { steps in
            Target(
                kinds: .string, accepts: .string,
                get: { frame in
                    let id = frame.draft(steps).data(number)
                    return .string((id.isEmpty ? zeros : id).hexadecimal)
                },
                set: { frame, value throws(EvaluationError) in
                    guard let id = Bytes(hexadecimal: try value.asText()) else {
                        throw .message("the id is not \(size * 2) hexadecimal digits")
                    }
                    try set(id, number, zeros, frame.draft(steps))
                })
        }
    }

    private static func set(
        _ id: Bytes, _ number: Int, _ zeros: Bytes, _ draft: Draft
    ) throws(EvaluationError) {
        guard id.count == zeros.count else {
            throw .message("the id has \(id.count) bytes instead of \(zeros.count)")
        }
        try draft.set(number, .data(id.isEqual(to: zeros) ? .empty : id))
    }

    /// All messages of a repeated field, which can be copied and counted.
    static func messages(_ number: Int, _ name: String) -> FieldMaker {
        { steps in
            Target(
                kinds: .message, accepts: .message,
                get: { frame in
                    .message(Value.Opaque(name, frame.draft(steps).messages(in: number)))
                },
                set: { frame, value throws(EvaluationError) in
                    try frame.draft(steps).set(number, messages: try value.asMessage(name))
                })
        }
    }

    /// A message that is not repeated.
    static func message(_ number: Int, _ name: String) -> FieldMaker {
        { steps in
            Target(
                kinds: .message, accepts: .message,
                get: { frame in
                    .message(Value.Opaque(name, frame.draft(steps).message(number)?.bytes ?? .empty))
                },
                set: { frame, value throws(EvaluationError) in
                    try frame.draft(steps).set(number, .data(try value.asMessage(name)))
                })
        }
    }

    /// What can be read only.
    static func readOnly(
        _ kinds: ValueKinds, _ get: @escaping @Sendable (Draft) -> Value
    ) -> FieldMaker {
        { steps in
            Target(
                kinds: kinds, accepts: [], get: { frame in get(frame.draft(steps)) },
                set: { _, _ throws(EvaluationError) in throw .message("it cannot be set") })
        }
    }
}

extension Value {
    func asText() throws(EvaluationError) -> Bytes {
        guard case .string(let text) = self else { throw refusal(.string) }
        return text
    }

    func asInt() throws(EvaluationError) -> Int64 {
        guard case .int(let int) = self else { throw refusal(.int) }
        return int
    }

    func asDouble() throws(EvaluationError) -> Double {
        guard case .double(let double) = self else { throw refusal(.double) }
        return double
    }

    func asBool() throws(EvaluationError) -> Bool {
        guard case .bool(let bool) = self else { throw refusal(.bool) }
        return bool
    }

    func asTime() throws(EvaluationError) -> Time {
        guard case .time(let time) = self else { throw refusal(.time) }
        return time
    }

    func asMessage(_ name: String) throws(EvaluationError) -> Bytes {
        guard case .message(let message) = self else { throw refusal(.message) }
        guard message.name == name else {
            throw .message("\(message.name) cannot be put in place of \(name)")
        }
        return message.bytes
    }

    private func refusal(_ kind: ValueKinds) -> EvaluationError {
        isNull ? .message("nil cannot be put there") : .wrongKind(expected: kind, got: self.kind)
    }
}
