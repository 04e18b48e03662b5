internal import Wire

/// TraceID, SpanID, ProfileID, UUID, UUIDv7.
enum IdentifierConverters {
    static let all: [Function] = [
        id("TraceID", 16, "a389023abaa839283293ed323892389d"), id("SpanID", 8, "0102030405060708"),
        id("ProfileID", 16, "a389023abaa839283293ed323892389d"),
        Function(converter: "UUID", [], gives: .string, isPure: false) { _ throws(FunctionError) in
            { frame throws(EvaluationError) in
                let random = frame.surroundings.random
                return .text(uuid(random(), random(), version: 4))
            }
        }.documented("A random UUID (version 4).", example: "UUID()"),
        Function(converter: "UUIDv7", [], gives: .string, isPure: false) { _ throws(FunctionError) in
            { frame throws(EvaluationError) in
                let random = frame.surroundings.random
                let milliseconds = UInt64(max(frame.surroundings.now() / 1_000_000, 0))
                return .text(uuid(milliseconds << 16 | random() & 0xFFFF, random(), version: 7))
            }
        }.documented("A UUID of the time and random bits (version 7).", example: "UUIDv7()"),
    ]

    private static func id(_ name: String, _ size: Int, _ example: String) -> Function {
        Function(converter: name, [Parameter("value", .value)], gives: .bytes) {
            arguments throws(FunctionError) in
            if let constant = arguments[0].constant {
                do throws(EvaluationError) {
                    let bytes = Value.bytes(try id(constant, name, size))
                    return { _ throws(EvaluationError) in bytes }
                } catch {
                    throw FunctionError("\(error)", parameter: 0)
                }
            }
            let value = arguments[0].value
            return { frame throws(EvaluationError) in .bytes(try id(try value(frame), name, size)) }
        }.documented(
            "The id that \(size) bytes or \(size * 2) hexadecimal digits stand for.",
            example: #"\#(name)("\#(example)")"#)
    }

    private static func id(_ value: Value, _ name: String, _ size: Int) throws(EvaluationError) -> Bytes {
        switch value {
        case .bytes(let bytes):
            guard bytes.count == size else {
                throw .message("\(name) needs \(size) bytes and got \(bytes.count)")
            }
            return bytes
        case .string(let text):
            guard text.count == size * 2, let bytes = Bytes(hexadecimal: text) else {
                throw .message("\(name) needs \(size * 2) hexadecimal digits")
            }
            return bytes
        default: throw .wrongKind(expected: [.bytes, .string], got: value.kind)
        }
    }

    private static func uuid(_ high: UInt64, _ low: UInt64, version: UInt64) -> String {
        let high = high & 0xFFFF_FFFF_FFFF_0FFF | version << 12
        let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = Array(Hexadecimal.text(of: high) + Hexadecimal.text(of: low))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}
