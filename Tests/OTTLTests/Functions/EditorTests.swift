import Testing
import Wire

@testable import OTTL

@Suite struct EditorTests {
    private static let attributes: Value = [
        "test": "hello world", "test2": "hello", "test3": "goodbye", "n": 5,
    ]

    /// Editor, value before, arguments, value after.
    private static let table: [(String, Value, [Value?], Value)] = [
        ("set", "a", ["b"], "b"), ("set", "a", [.null], "a"), ("append", .null, ["a"], ["a"]),
        ("append", ["5"], ["a"], ["5", "a"]), ("append", "5", ["a"], ["5", "a"]),
        ("append", 5, [66], [5, 66]),
        ("append", [], [nil, ["a", "b"]], ["a", "b"]), ("append", ["x"], ["a", ["b"]], ["x", "a", "b"]),
        ("append", ["x"], [["y", "z"]], ["x", "y", "z"]), ("append", true, [1.5], [true, 1.5]),
        ("delete_index", ["a", "b", "c"], [0], ["b", "c"]),
        ("delete_index", ["a", "b", "c"], [2], ["a", "b"]),
        ("delete_index", ["a", "b", "c", "d"], [0, 3], ["d"]), ("delete_index", ["a"], [0, 0], ["a"]),
        ("delete_index", ["a"], [1, 1], ["a"]),
        ("delete_key", attributes, ["test"], ["test2": "hello", "test3": "goodbye", "n": 5]),
        ("delete_key", attributes, ["none"], attributes),
        ("delete_matching_keys", attributes, ["test\\d"], ["test": "hello world", "n": 5]),
        (
            "keep_matching_keys", attributes, ["^test\\d?$"],
            ["test": "hello world", "test2": "hello", "test3": "goodbye"]
        ), ("keep_keys", attributes, [["n", "x"]], ["n": 5]), ("keep_keys", attributes, [[]], [:]),
        ("limit", attributes, [2, []], ["test": "hello world", "test2": "hello"]),
        ("limit", attributes, [2, ["n"]], ["test": "hello world", "n": 5]),
        ("limit", attributes, [9, []], attributes), ("limit", attributes, [0, []], [:]),
        ("merge_maps", ["a": 1, "b": 2], [["b": 3, "c": 4], "insert"], ["a": 1, "b": 2, "c": 4]),
        ("merge_maps", ["a": 1, "b": 2], [["b": 3, "c": 4], "update"], ["a": 1, "b": 3]),
        ("merge_maps", ["a": 1, "b": 2], [["b": 3, "c": 4], "upsert"], ["a": 1, "b": 3, "c": 4]),
        (
            "stringify_all",
            ["i": 42, "d": 3.14, "b": true, "s": "x", "y": hex("68656c6c6f"), "m": ["k": [1]], "e": .null],
            [], ["i": "42", "d": "3.14", "b": "true", "s": "x", "y": "aGVsbG8=", "m": #"{"k":[1]}"#, "e": ""]
        ),
        ("truncate_all", ["a": "hello", "n": 12345, "u": "一二三"], [4], ["a": "hell", "n": 12345, "u": "一"]),
        ("truncate_all", ["a": "hello world"], [8, true, "..."], ["a": "hello..."]),
        ("truncate_all", ["a": "äöü"], [3, false], ["a": "ä"]), ("truncate_all", ["a": "b"], [0], ["a": ""]),
        ("replace_match", "hello world", ["hello*", "hello {universe}"], "hello {universe}"),
        ("replace_match", "goodbye", ["hello*", "x"], "goodbye"), ("replace_match", 5, ["*", "x"], 5),
        (
            "replace_match", "/user/1/list/2", ["/user/*/list/*", "/user/{userId}/list/{listId}"],
            "/user/{userId}/list/{listId}"
        ),
        (
            "replace_pattern", "password=secret x", ["password\\=[^\\s]*(\\s?)", "password=***"],
            "password=***x"
        ), ("replace_pattern", "kube_pod_name", ["^kube_([0-9A-Za-z]+_)", "k8s.$1."], "k8s.pod_.name"),
        ("replace_pattern", .null, ["a", "b"], .null), ("replace_pattern", "aaa", ["a", "$0$0"], "aaaaaa"),
        (
            "replace_all_matches", attributes, ["hello*", "hi"],
            ["test": "hi", "test2": "hi", "test3": "goodbye", "n": 5]
        ),
        (
            "replace_all_patterns", attributes, ["value", "o", "0"],
            ["test": "hell0 w0rld", "test2": "hell0", "test3": "g00dbye", "n": 5]
        ),
        (
            "replace_all_patterns", ["kube_pod_a": 1, "x": 2], ["key", "^kube_([0-9A-Za-z]+_)", "k8s.$1"],
            ["k8s.pod_a": 1, "x": 2]
        ), ("replace_all_patterns", ["a1": 1, "a2": 2], ["key", "\\d", ""], ["a": 2]),
        (
            "flatten",
            [
                "name": "test", "address": ["street": "first", "house": 1234],
                "occupants": ["user 1", "user 2"],
            ], [],
            [
                "name": "test", "address.street": "first", "address.house": 1234, "occupants.0": "user 1",
                "occupants.1": "user 2",
            ]
        ),
        (
            "flatten", ["name": "test", "address": ["street": "first"]], ["app"],
            ["app.name": "test", "app.address.street": "first"]
        ),
        ("flatten", ["0": ["1": ["2": ["3": ["4": "value"]]]]], [nil, 2], ["0.1.2": ["3": ["4": "value"]]]),
        ("flatten", ["0": ["1": "v"]], [nil, 0], ["0": ["1": "v"]]),
        (
            "flatten",
            [
                "address": ["street": ["number": "first"], "house": "1234"],
                "address.street": ["number": ["second", "third"]], "address.street.number": "fourth",
                "occupants": ["user 1", "user 2"],
            ], [nil, nil, true],
            [
                "address.street.number": "first", "address.house": "1234",
                "address.street.number.0": "second", "address.street.number.1": "third",
                "address.street.number.2": "fourth", "occupants": "user 1",
                "occupants.0": "user 2",
            ]
        ),
        ("flatten", ["a": ["b": 1], "a.b": 2], [], ["a.b": 2]),
    ]

    @Test(arguments: table)
    func `editors do what their documentation says`(
        _ name: String, _ before: Value, _ arguments: [Value?], _ after: Value
    ) throws {
        let result = try Calls.editor(name, on: before, arguments)
        #expect(result.value.shown == after.shown, "\(name)(\(arguments.map { $0?.shown ?? "-" }))")
        if before.shown == after.shown, name != "set" {
            #expect(!result.isSet, "what does not change is not set")
        }
    }

    private static let early: [(String, [Value?], Int?)] = [
        ("append", [], nil), ("delete_matching_keys", ["("], 1), ("keep_matching_keys", ["("], 1),
        ("limit", [-1, []], 1), ("limit", [1, ["a", "b"]], 2), ("merge_maps", [["a": 1], "replace"], 2),
        ("truncate_all", [-1], 1), ("truncate_all", [2, true, "..."], 3),
        ("replace_match", ["[", "x"], 1), ("replace_pattern", ["(", "x"], 1),
        ("replace_pattern", ["a", "x", nil, "%d"], 4), ("replace_pattern", ["a", "x", nil, "%s%s"], 4),
        ("replace_pattern", ["a", "x", nil, "none"], 4),
        ("replace_all_matches", ["[", "x"], 1), ("replace_all_patterns", ["keys", "a", "x"], 1),
        ("replace_all_patterns", ["key", "(", "x"], 2), ("flatten", [nil, -1], 2),
    ]

    @Test(arguments: early)
    func `wrong arguments are found when the statement is compiled`(
        _ name: String, _ arguments: [Value?], _ parameter: Int?
    ) {
        let error = #expect(throws: FunctionError.self) { try Calls.editor(name, on: ["a": "b"], arguments) }
        #expect(error?.parameter == parameter, "\(String(describing: error))")
    }

    private static let late: [(String, Value, [Value?], String)] = [
        ("append", ["a": 1], ["x"], "cannot be appended|nothing can be appended"),
        ("delete_index", ["a"], [1], "not inside"), ("delete_index", ["a"], [-1], "not inside"),
        ("delete_index", ["a", "b"], [1, 0], "not inside"), ("delete_index", ["a"], [0, 2], "not inside"),
        ("delete_index", "a", [0], "expected list"), ("delete_key", "a", ["x"], "expected map"),
        ("keep_keys", ["a": 1], [[1]], "expected string"), ("flatten", "a", [], "expected map"),
        ("replace_pattern", "a", ["a", 1], "expected string"),
        ("stringify_all", ["a": [.double(.nan)]], [], "JSON"),
    ]

    @Test(arguments: late)
    func `what cannot be edited is an error and changes nothing`(
        _ name: String, _ value: Value, _ arguments: [Value?], _ message: String
    ) {
        let error = #expect(throws: EvaluationError.self) { try Calls.editor(name, on: value, arguments) }
        let shown = error?.description ?? ""
        #expect(message.split(separator: "|").contains { shown.contains($0) }, "\(shown)")
    }

    private static let functions: [(String, Value, [Value?], Value)] = [
        (
            "replace_pattern", "kube_pod_x", ["^kube_([0-9A-Za-z]+_)", "$1.", nil, "k8s.%s"],
            .text("k8s.\(digest("pod_."))x")
        ),
        (
            "replace_match", "/user/1/list/2", ["/user/*/list/*", "id", nil, "/user/%s"],
            .text("/user/\(digest("id"))")
        ),
        (
            "replace_all_matches", ["a": "hello", "b": "x"], ["hello", "hi"],
            ["a": .text(digest("hi")), "b": "x"]
        ),
        (
            "replace_all_patterns", ["a": "one two"], ["value", "o(n)e", "$1", nil, "<%s>"],
            ["a": .text("<\(digest("n"))> two")]
        ),
        ("replace_all_patterns", ["k1": 1], ["key", "k", "x"], [digest("x") + "1": 1]),
    ]

    private static func digest(_ text: String) -> String {
        (try? Calls.converter("SHA256", [.text(text)]))?.likeText ?? ""
    }

    @Test(arguments: functions)
    func `replacements go through a function and a format`(
        _ name: String, _ before: Value, _ arguments: [Value?], _ after: Value
    ) throws {
        let function = FunctionSet.standard["SHA256"]
        #expect(try Calls.editor(name, on: before, arguments, function: function).value.shown == after.shown)
    }

    @Test func `results are bounded`() {
        let large = Value.string(Bytes(Array(repeating: 0x61, count: 1 << 20)))
        let error = #expect(throws: EvaluationError.self) {
            try Calls.editor("replace_pattern", on: large, ["a", "bbbbb"])
        }
        #expect(error?.description.contains("4194304 bytes") == true)
    }
}

extension Value {
    fileprivate var likeText: String? {
        if case .string(let text) = self { text.string } else { nil }
    }
}
