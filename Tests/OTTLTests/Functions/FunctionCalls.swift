import Synchronization
import Telemetry
public import Testing
import Wire

@testable public import OTTL

/// Calls functions without a statement around them.
enum Calls {
    /// A converter or test with constants for arguments; `nil` leaves an optional one out.
    static func converter(
        _ name: String, _ arguments: [Value?], isConstant: Bool = true, now: Int64 = 0, in batch: Batch? = nil
    ) throws -> Value {
        let function = try #require(FunctionSet.standard[name], "there is no function \(name)")
        let made = Arguments(values: padded(arguments, function).map { $0.map { argument($0, isConstant) } })
        let operation = try function.make(made)
        return try run(in: batch, now: now) { frame in
            switch operation {
            case .converter(let getter): try getter(frame)
            case .test(let test): .bool(try test(frame))
            case .editor: throw EvaluationError.message("\(name) is an editor")
            }
        }
    }

    /// An editor on a value; returns what the value is afterwards, and whether it was set.
    static func editor(
        _ name: String, on value: Value, _ arguments: [Value?], function: Function? = nil
    ) throws -> (value: Value, isSet: Bool) {
        let editor = try #require(FunctionSet.standard[name], "there is no function \(name)")
        let box = Box(value)
        let get: Getter = { _ throws(EvaluationError) in box.content.withLock { $0.value } }
        let set: Setter = { _, value throws(EvaluationError) in
            box.content.withLock { $0 = (value, true) }
        }
        let map = MapTarget(location: .value(get: get, set: set))
        let target = Argument(
            range: 0..<0, kinds: .any, value: get,
            path: Target(kinds: .any, accepts: .any, get: get, set: set, map: map))
        var rest = padded([nil] + arguments, editor).map { $0.map { argument($0, true) } }
        rest[0] = target
        if let function, let index = editor.parameters.firstIndex(where: { $0.name == "function" }) {
            rest[index] = Argument(
                range: 0..<0, kinds: .any, value: { _ throws(EvaluationError) in .null },
                function: { frame, value throws(EvaluationError) in
                    do {
                        guard
                            case .converter(let getter) = try function.make(
                                Arguments(values: [Self.argument(value, true)]))
                        else { return .null }
                        return try getter(frame)
                    } catch {
                        throw .message("\(error)")
                    }
                })
        }
        guard case .editor(let action) = try editor.make(Arguments(values: rest)) else {
            throw EvaluationError.message("\(name) is no editor")
        }
        try run { try action($0) }
        return box.content.withLock { $0 }
    }

    /// A frame over a log record, or over the first record of a batch.
    static func run<Result>(
        in batch: Batch? = nil, now: Int64 = 0, _ body: (Frame) throws -> Result
    ) throws -> Result {
        var batch = batch ?? logs()
        var result: Swift.Result<Result, any Error>?
        batch.rewrite(.record) { draft in
            guard result == nil else { return }
            let surroundings = Surroundings(now: { now }, random: { 0x0123_4567_89AB_CDEF })
            let frame = Frame(draft, surroundings)
            result = .init { try body(frame) }
        }
        return try #require(result).get()
    }

    static func logs() -> Batch {
        var builder = LogsBuilder()
        builder.record { $0.body("body") }
        return builder.finish()
    }

    /// An argument that is a constant, or a value that only evaluation knows.
    static func argument(_ value: Value, _ isConstant: Bool) -> Argument {
        let elements = value.elements?.map { argument($0, true) }
        return Argument(
            range: 0..<0, kinds: value.kind, constant: isConstant ? value : nil,
            value: { _ throws(EvaluationError) in value }, elements: elements)
    }

    private static func padded(_ arguments: [Value?], _ function: Function) -> [Value?] {
        arguments + Array(repeating: nil, count: max(function.parameters.count - arguments.count, 0))
    }

    private final class Box: Sendable {
        let content: Mutex<(value: Value, isSet: Bool)>
        init(_ value: Value) { content = Mutex((value, false)) }
    }
}

/// Values as tests write them.
extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral,
    CustomTestStringConvertible
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .map(ValueMap(elements.map { ValueMap.Entry(Bytes(utf8: $0.0), $0.1) }))
    }

    public var testDescription: String { shown }

    /// The value so that two are the same when their texts are, types and the order of keys included.
    var shown: String {
        switch self {
        case .null: return "nil"
        case .bool(let bool): return "\(bool)"
        case .int(let int): return "\(int)"
        case .double(let double): return "\(double)"
        case .string(let text): return "\"\(text.string)\""
        case .bytes(let bytes): return "0x\(bytes.hexadecimal.string)"
        case .time(let time): return time.rfc3339
        case .duration(let nanoseconds): return GoDuration.text(nanoseconds)
        case .message(let message): return message.name
        case .list, .map, .wire:
            if let elements { return "[\(elements.map(\.shown).joined(separator: ", "))]" }
            let entries = (entries?.entries ?? []).map { "\($0.key.string): \($0.value.shown)" }
            return "{\(entries.joined(separator: ", "))}"
        }
    }
}

/// Bytes of hexadecimal digits.
func hex(_ digits: String) -> Value { .bytes(Bytes(hexadecimal: Bytes(utf8: digits)) ?? .empty) }

/// A time in UTC.
func utc(_ seconds: Int64, _ nanoseconds: Int64 = 0) -> Value {
    .time(Time(nanoseconds: seconds * 1_000_000_000 + nanoseconds))
}
