import Telemetry
import Testing
import Wire

@testable import OTTL

/// How large the results of functions get, and what is kept of them.
@Suite struct BoundTests {
    /// A log record whose body is text.
    private static func batch(_ body: String) -> Batch {
        var builder = LogsBuilder()
        builder.record { record in
            record.body(.string(body))
            record.attribute("n", 5)
            record.attribute("other", "x")
        }
        return builder.finish()
    }

    private static func value(_ text: String, body: String = "") throws -> Value {
        let expression = try ValueExpression(parsing: text, context: .log, functions: .standard)
        return try Calls.run(in: batch(body)) { try expression.value($0) }
    }

    private static let list = "[" + Array(repeating: "0", count: 400).joined(separator: ", ") + "]"

    private static let lists = "[" + Array(repeating: list, count: 10).joined(separator: ", ") + "]"

    /// Expression, how many bytes the body has, and a part of the message.
    private static let tooLarge: [(String, Int, String)] = [
        ("Hex(body)", 3 << 20, "4194304 bytes"), ("Len(Hex(body))", 3 << 20, "4194304 bytes"),
        ("Base64Encode(body)", 4 << 20, "4194304 bytes"),
        ("MapEach([1, 2, 3], (_, v) => body)", 3 << 19, "4194304 bytes"),
        (#"MapKeys({"a": 1, "b": 2, "c": 3}, (k, _) => body)"#, 3 << 19, "4194304 bytes"),
        ("Reduce(\(list), 0, (acc, _, v) => [acc])", 0, "nests more than 64"),
        (#"Reduce(\#(list), 0, (acc, _, v) => {"a": acc})"#, 0, "nests more than 64"),
        ("Reduce(\(list), 0, (acc, _, v) => [acc, acc])", 0, "100000 values"),
        (
            "Reduce(\(list), 0, (acc, _, v) => [body, body, body, body, body, body])", 3 << 20,
            "16777216 bytes"
        ),
        ("Reduce(\(list), body, (acc, _, v) => acc)", 3 << 20, "1000000 values or KiB"),
        ("Reduce(\(list), 0, (acc, _, v) => \(lists))", 0, "1000000 values or KiB"),
    ]

    @Test(arguments: tooLarge)
    func `a result that would be too large is an error`(_ text: String, _ size: Int, _ message: String) {
        let error = #expect(throws: EvaluationError.self) {
            try Self.value(text, body: String(repeating: "x", count: size))
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `results up to the bounds are given`() throws {
        let body = String(repeating: "x", count: 2 << 20)
        #expect(try Self.value("Len(Hex(body))", body: body).shown == "\(4 << 20)")
        #expect(
            try Self.value("Len(Reduce(\(Self.list), body, (acc, _, v) => acc))", body: body).shown
                == "\(2 << 20)")
        let nested = try Self.value(
            "Reduce([\(Array(repeating: "1", count: 64).joined(separator: ","))], "
                + "0, (acc, _, v) => [acc])")
        #expect(nested.elements?.count == 1)
    }

    /// A statement that makes more each time, and a part of the message.
    private static let growing: [(String, String)] = [
        (#"set(cache["a"], [cache["a"]])"#, "nests more than 63"),
        (#"set(cache["a"]["b"]["c"], [cache["a"]["b"]["c"]])"#, "nests more than 61"),
        (#"set(cache["a"], {"x": cache["a"], "y": cache["a"]})"#, "100000 values"),
        (#"set(cache["a"], [cache["a"], cache["a"], body])"#, "100000 values"),
        (#"append(cache["a"], cache["a"])"#, "nests more than 63|100000 elements"),
        (#"set(cache["a"], [body, body, body, body, body, cache["a"]])"#, "16777216 bytes"),
        (#"set(attributes["a"], [attributes["a"]])"#, "nests more than 64"),
        (#"set(attributes["a"], [attributes["a"], attributes["a"]])"#, "100000 values|16777216 bytes"),
    ]

    @Test(arguments: growing)
    func `what statements keep cannot grow without an end`(_ text: String, _ message: String) throws {
        let statement = try Statement(parsing: text, context: .log, functions: .standard)
        let large = text.contains("body, body") ? 1 << 20 : 1
        let error = #expect(throws: EvaluationError.self) {
            try Calls.run(in: Self.batch(String(repeating: "x", count: large))) { frame in
                for _ in 0..<100 { try statement.run(frame) }
            }
        }
        let shown = error?.description ?? ""
        #expect(message.split(separator: "|").contains { shown.contains($0) }, "\(shown)")
    }

    /// A statement that puts more into a part of the cache each time, and a part of the message.
    private static let deep: [(String, String)] = [
        (#"set(cache["a"][String(Len(cache["a"]))], [\#(list)])"#, "100000 values"),
        (#"set(cache["a"][String(Len(cache["a"]))], body)"#, "16777216 bytes"),
        (#"set(cache["a"][Concat([body, String(Len(cache["a"]))], "")], 1)"#, "16777216 bytes"),
        (#"set(cache["a"][String(Len(cache["a"]))][4000], 1)"#, "100000 values"),
    ]

    @Test(arguments: deep)
    func `what is in the cache cannot grow without an end`(_ text: String, _ message: String) throws {
        let statement = try Statement(parsing: text, context: .log, functions: .standard)
        let start = try Statement(
            parsing: #"set(cache["a"], {"b": 1})"#, context: .log, functions: .standard)
        let body = String(repeating: "x", count: 1 << 20)
        try Calls.run(in: Self.batch(body)) { frame in
            try start.run(frame)
            let error = #expect(throws: EvaluationError.self) {
                for _ in 0..<1000 { try statement.run(frame) }
            }
            let shown = error?.description ?? ""
            #expect(shown.contains("as a whole") && shown.contains(message), "\(shown)")
            #expect(frame.cache.map.isEmpty)
        }
    }

    @Test func `what is replaced in the cache does not count`() throws {
        let statement = try Statement(
            parsing: #"set(cache["a"]["b"], body)"#, context: .log, functions: .standard)
        try Calls.run(in: Self.batch(String(repeating: "x", count: 1 << 20))) { frame in
            for _ in 0..<100 { try statement.run(frame) }
        }
    }

    @Test func `rows have a bounded number of fields in every mode`() {
        let row = String(repeating: ",", count: 100_001)
        for mode in ["strict", "lazyQuotes", "ignoreQuotes"] {
            let error = #expect(throws: EvaluationError.self) {
                try Calls.converter("ParseCSV", [.text(row), "a", ",", ",", .text(mode)])
            }
            #expect(
                error?.description.contains("more than 100000 fields") == true, "\(String(describing: error))"
            )
        }
    }

    // MARK: Maps with many keys

    private static func many(_ range: Range<Int>, _ value: Value) -> Value {
        .map(ValueMap(range.map { ValueMap.Entry(Bytes(utf8: "k\($0)"), value) }))
    }

    /// Strategy, how many entries there are then, and what became of one that was and one that was not there.
    private static let strategies: [(String, Int, Value, Value)] = [
        ("insert", 30_000, 1, 2), ("update", 20_000, 2, .null), ("upsert", 30_000, 2, 2),
    ]

    @Test(arguments: strategies)
    func `maps with many keys are merged`(
        _ strategy: String, _ count: Int, _ both: Value, _ new: Value
    ) throws {
        let merged = try Calls.editor(
            "merge_maps", on: Self.many(0..<20_000, 1), [Self.many(10_000..<30_000, 2), .text(strategy)])
        let map = try #require(merged.value.entries)
        #expect(map.count == count)
        #expect((map["k0"] ?? .null).shown == "1")
        #expect((map["k10000"] ?? .null).shown == both.shown)
        #expect((map["k29999"] ?? .null).shown == new.shown)
    }

    @Test(arguments: [("insert", 22, "5"), ("update", 2, "7"), ("upsert", 22, "7")])
    func `many entries are merged into attributes`(_ strategy: String, _ count: Int, _ number: String) throws
    {
        let json = "{" + (0..<20).map { "\"k\($0)\": 1, " }.joined() + "\"n\": 7}"
        let statement = try Statement(
            parsing: #"merge_maps(attributes, ParseJSON(body), "\#(strategy)")"#, context: .log,
            functions: .standard)
        let map = try Calls.run(in: Self.batch(json)) { frame in
            try statement.run(frame)
            return frame.draft.attributeMap
        }
        #expect(map.count == count)
        #expect((map["n"] ?? .null).likeText == number)
        #expect((map["other"] ?? .null).shown == "\"x\"")
        #expect(map["k19"]?.likeText == (count == 2 ? nil : "1"))
    }

    @Test func `maps with many keys are compared whatever their order`() {
        let (left, right) = (Self.many(0..<20_000, 1), Self.many(0..<20_000, 1))
        let turned = Value.map(ValueMap((right.entries?.entries ?? []).reversed()))
        #expect(left.isEqual(to: turned))
        #expect(!left.isEqual(to: Self.many(0..<20_000, 2)))
        #expect(!left.isEqual(to: Self.many(1..<20_001, 1)))
    }
}

extension Value {
    /// The value as text, as the function String gives it.
    fileprivate var likeText: String? { (try? likeString())?.string }
}

extension ValueMap {
    fileprivate subscript(key: String) -> Value? { self[Bytes(utf8: key)] }
}
