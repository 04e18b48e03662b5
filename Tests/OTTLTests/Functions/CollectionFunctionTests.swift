import Telemetry
import Testing
import Wire

@testable import OTTL

@Suite struct CollectionFunctionTests {
    private static let things: Value = [["name": "foo", "value": 2], ["name": "bar", "value": 5]]

    private static let table: [(String, [Value], Value)] = [
        ("Coalesce", [[.null, "a", "b"]], "a"), ("Coalesce", [[.null, .null]], .null),
        ("Coalesce", [[0, 1]], 0),
        ("ContainsValue", [[1, 2, 3], 3], true), ("ContainsValue", [[1, 2, 3], 3.0], true),
        ("ContainsValue", [["a"], "A"], false),
        ("ContainsValue", [[1.1, 2.2], 2.2], true), ("ContainsValue", [[], .null], false),
        ("ContainsValue", [[["a": [1]]], ["a": [1]]], true),
        ("ContainsValue", [[["a": 1, "b": 2]], ["b": 2, "a": 1]], true),
        ("ContainsValue", [["1"], 1], false),
        ("Index", ["hello world", "world"], 6), ("Index", ["hello", "x"], -1), ("Index", ["äb", "b"], 2),
        ("Index", [["a", "b"], "b"], 1),
        ("Index", [[95, 1.0], 1], 1), ("Index", [[], "a"], -1), ("Index", ["abc", ""], 0),
        ("Keys", [["k1": 1, "k2": 2]], ["k1", "k2"]), ("Values", [["k1": "v", "k2": [1]]], ["v", [1]]),
        ("Keys", [[:]], []),
        ("Sort", [[3, 1, 2]], [1, 2, 3]), ("Sort", [[3, 1.5, 2], "desc"], [3, 2, 1.5]),
        ("Sort", [["b", "a", "B"]], ["B", "a", "b"]),
        ("Sort", [[true, false]], [false, true]), ("Sort", [["b", 10, 9.5, true]], [10, 9.5, "b", true]),
        ("Sort", [[]], []),
        (
            "SliceToMap", [things, ["name"]],
            ["foo": ["name": "foo", "value": 2], "bar": ["name": "bar", "value": 5]]
        ),
        ("SliceToMap", [things], ["0": ["name": "foo", "value": 2], "1": ["name": "bar", "value": 5]]),
        ("SliceToMap", [things, ["name"], ["value"]], ["foo": 2, "bar": 5]),
        ("SliceToMap", [[["a": ["b": "x"]]], ["a", "b"]], ["x": ["a": ["b": "x"]]]),
        ("SliceToMap", [["a", 42]], ["0": "a", "1": 42]),
        ("SliceToMap", [[["n": "a", "v": 1], ["n": "a", "v": 2]], ["n"], ["v"]], ["a": 2]),
        ("ToKeyValueString", [["k1": "v1", "k2": 2]], "k1=v1 k2=2"),
        (
            "ToKeyValueString", [["k1": "v1", "k2": ["k3": "v3", "k4": ["v4"]]]],
            #"k1=v1 k2={"k3":"v3","k4":["v4"]}"#
        ),
        ("ToKeyValueString", [["k1": "v1", "k2": "v=2", "k3": "\"v=3\""]], #"k1=v1 k2="v=2" k3="\"v=3\"""#),
        ("ToKeyValueString", [["b": 1, "a": .null], ":", ",", true], "a:,b:1"),
    ]

    @Test(arguments: table)
    func `lists and maps are taken apart and made`(_ name: String, _ arguments: [Value], _ result: Value)
        throws
    {
        #expect(
            try Calls.converter(name, arguments).shown == result.shown, "\(name)(\(arguments.map(\.shown)))")
    }

    private static let wrong: [(String, [Value], String)] = [
        ("Sort", [[1, [2]]], "list"), ("Sort", [[.null]], "nil"),
        ("SliceToMap", [things, ["none"]], "element 0 has no key at none"),
        ("SliceToMap", [things, ["value"]], "expected string but got int"),
        ("SliceToMap", [["a"], ["n"]], "element 0 is no map but string"),
        ("SliceToMap", [things, ["name"], ["name", "x"]], "no value at name.x"),
    ]

    @Test(arguments: wrong)
    func `what does not fit is an error`(_ name: String, _ arguments: [Value], _ message: String) {
        let error = #expect(throws: EvaluationError.self) { try Calls.converter(name, arguments) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `lists and maps on the wire are looked into`() throws {
        var builder = LogsBuilder()
        builder.record { $0.body(.keyValues([.init("a", .array([3, 1, 2]))])) }
        let value = try Calls.run(in: builder.finish()) { frame in
            Value(AnyValueView(WireMessage(frame.draft.data(5))))
        }
        #expect(try Calls.converter("Keys", [value]).shown == "[\"a\"]")
        #expect(try Calls.converter("Sort", [value.entries?["a"] ?? .null]).shown == "[1, 2, 3]")
        #expect(try Calls.converter("String", [value]).shown == Value.text(#"{"a":[3,1,2]}"#).shown)
    }

    // MARK: Lambdas

    private static func lambda(_ body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value)
        -> Argument
    {
        Argument(
            range: 0..<0, kinds: .any, value: { _ throws(EvaluationError) in .null },
            lambda: { _, values throws(EvaluationError) in try body(values) })
    }

    private static let isLarge = lambda { values throws(EvaluationError) in
        guard case .int(let int)? = values.last else { throw .message("no integer") }
        return .bool(int > 1)
    }

    private func call(_ name: String, _ arguments: [Argument?]) throws -> Value {
        let function = try #require(FunctionSet.standard[name])
        let rest = Array(repeating: Argument?.none, count: function.parameters.count - arguments.count)
        let operation = try function.make(Arguments(values: arguments + rest))
        return try Calls.run { frame in
            switch operation {
            case .converter(let getter): try getter(frame)
            case .test(let test): .bool(try test(frame))
            case .editor: throw EvaluationError.message("an editor")
            }
        }
    }

    private static let lambdas: [(String, Value, Value)] = [
        ("All", [2, 3], true), ("All", [1, 2], false), ("All", [], true), ("All", ["a": 2], true),
        ("Any", [1, 2], true), ("Any", [:], false),
        ("Filter", [1, 2, 3], [2, 3]), ("Filter", ["a": 1, "b": 2], ["b": 2]), ("Find", [1, 5, 6], 5),
        ("Find", ["a": 1], .null),
        ("MapEach", [1, 2], [false, true]), ("MapEach", ["a": 2], ["a": true]),
    ]

    @Test(arguments: lambdas)
    func `lambdas look at every element`(_ name: String, _ source: Value, _ result: Value) throws {
        #expect(try call(name, [Calls.argument(source, true), Self.isLarge]).shown == result.shown)
    }

    @Test func `lambdas make keys, fold and choose`() throws {
        let key = Self.lambda { values throws(EvaluationError) in
            .string(try values[0].likeString() ?? .empty)
        }
        let sum = Self.lambda { values throws(EvaluationError) in
            guard case .int(let left) = values[0], case .int(let right) = values[2] else { return .null }
            return .int(left + right)
        }
        let list = Calls.argument([1, 2, 3], true)
        #expect(try call("Find", [list, Self.isLarge, key]).shown == "\"1\"")
        #expect(try call("Reduce", [list, Calls.argument(10, true), sum]).shown == "16")
        #expect(
            try call("Reduce", [Calls.argument([], true), Calls.argument("s", true), sum]).shown == "\"s\"")
        #expect(try call("MapKeys", [Calls.argument(["a": 1], true), key]).shown == "{a: 1}")
        #expect(throws: EvaluationError.self) {
            try call("MapKeys", [Calls.argument(["a": 1], true), Self.isLarge])
        }
        for (holds, result) in [(true, "\"yes\""), (false, "\"no\"")] {
            let condition = Self.lambda { _ throws(EvaluationError) in .bool(holds) }
            #expect(
                try call("When", [condition, Calls.argument("yes", true), Calls.argument("no", true)]).shown
                    == result)
        }
        #expect(throws: EvaluationError.self) { try call("All", [list, key]) }
        #expect(throws: EvaluationError.self) { try call("All", [Calls.argument(1, true), Self.isLarge]) }
        #expect(throws: FunctionError.self) { try call("All", [list, list]) }
    }
}
