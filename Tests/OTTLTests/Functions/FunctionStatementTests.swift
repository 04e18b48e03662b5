import Telemetry
import Testing
import Wire

@testable import OTTL

/// The functions inside of statements, over telemetry in wire form.
@Suite struct FunctionStatementTests {
    @Test(arguments: FunctionSet.standard.names)
    func `the example of every function can be compiled`(_ name: String) throws {
        let function = try #require(FunctionSet.standard[name])
        let example = function.example
        var context = OTTLContext.log
        if example.contains("span.") || name == "IsRootSpan" { context = .span }
        if example.contains("metric.") { context = .metric }
        if function.isEditor {
            _ = try Statement(parsing: example, context: context, functions: .standard)
        } else {
            _ = try ValueExpression(parsing: example, context: context, functions: .standard)
        }
    }

    private static func batch() -> Batch {
        var builder = LogsBuilder()
        builder.resource { $0.attribute("service.name", "shop") }
        builder.record { record in
            record.body(.keyValues([.init("a", .keyValues([.init("b", 1)])), .init("c", "text")]))
            record.attribute("user", "joe smith")
            record.attribute("tags", ["x", "y"])
            record.attribute("n", 5)
        }
        return builder.finish()
    }

    /// Statement, and the attributes after it.
    private static let table: [(String, String)] = [
        (#"set(attributes["n"], 6)"#, #"{user: "joe smith", tags: ["x", "y"], n: 6}"#),
        (
            #"set(attributes["h"], SHA1(attributes["user"])) where false"#,
            #"{user: "joe smith", tags: ["x", "y"], n: 5}"#
        ),
        (#"delete_key(attributes, "tags")"#, #"{user: "joe smith", n: 5}"#),
        (#"keep_keys(attributes, ["n"])"#, "{n: 5}"),
        (#"keep_matching_keys(log.attributes, "^(n|user)$")"#, #"{user: "joe smith", n: 5}"#),
        (#"delete_matching_keys(attributes, "s")"#, "{n: 5}"),
        (
            #"replace_pattern(attributes["user"], "(\\w+) (\\w+)", "$2 $1")"#,
            #"{user: "smith joe", tags: ["x", "y"], n: 5}"#
        ),
        (
            #"replace_match(attributes["user"], "joe*", "x", MD5, "<%s>")"#,
            #"{user: "<9dd4e461268c8034f5c8564e155c67a6>", tags: ["x", "y"], n: 5}"#
        ),
        (#"append(attributes["tags"], "z")"#, #"{user: "joe smith", tags: ["x", "y", "z"], n: 5}"#),
        (#"delete_index(attributes["tags"], 0)"#, #"{user: "joe smith", tags: ["y"], n: 5}"#),
        (#"truncate_all(attributes, 3)"#, #"{user: "joe", tags: ["x", "y"], n: 5}"#),
        (#"stringify_all(attributes)"#, #"{user: "joe smith", tags: "["x","y"]", n: "5"}"#),
        (#"limit(attributes, 1, ["n"])"#, "{n: 5}"),
        (
            #"merge_maps(attributes, {"n": 1, "m": Len(attributes["tags"])}, "upsert")"#,
            #"{user: "joe smith", tags: ["x", "y"], n: 1, m: 2}"#
        ),
        (#"flatten(attributes, "p")"#, #"{p.user: "joe smith", p.tags.0: "x", p.tags.1: "y", p.n: 5}"#),
        (
            #"replace_all_patterns(attributes, "key", "^(.)", "k.$1")"#,
            #"{k.user: "joe smith", k.tags: ["x", "y"], k.n: 5}"#
        ),
        (
            #"set(attributes, MapEach(attributes, (k, v) => Concat([k, String(v)], "=")))"#,
            #"{user: "user=joe smith", tags: "tags=["x","y"]", n: "n=5"}"#
        ),
        (
            #"set(attributes["up"], When(() => attributes["n"] > 4, "#
                + #"ToUpperCase(resource.attributes["service.name"]), nil))"#,
            #"{user: "joe smith", tags: ["x", "y"], n: 5, up: "SHOP"}"#
        ),
        (
            #"set(attributes["sum"], Reduce([1, 2, 3], 0, (acc, _, v) => acc + v)) where "#
                + #"Any(attributes["tags"], (_, v) => v == "y")"#,
            #"{user: "joe smith", tags: ["x", "y"], n: 5, sum: 6}"#
        ),
        (
            #"set(attributes["day"], FormatTime(Time("02/04/2023", "%m/%d/%Y"), "%A %d %B"))"#,
            #"{user: "joe smith", tags: ["x", "y"], n: 5, day: "Saturday 04 February"}"#
        ),
        (
            #"set(attributes["csv"], ParseCSV("1|2", "a,b", headerDelimiter=",", delimiter="|")["b"])"#,
            #"{user: "joe smith", tags: ["x", "y"], n: 5, csv: "2"}"#
        ),
    ]

    @Test(arguments: table)
    func `statements change telemetry as documented`(_ text: String, _ attributes: String) throws {
        let statement = try Statement(parsing: text, context: .log, functions: .standard)
        let before = Self.batch()
        var batch = before
        batch.rewrite(.record) { draft in
            let frame = Frame(draft, Surroundings(now: { 0 }))
            do { _ = try statement.run(frame) } catch { Issue.record("\(error)") }
        }
        var shown: [String] = []
        batch.rewrite(.record) { draft in
            for (key, value) in draft.attributes { shown.append("\(key): \(Value(value).shown)") }
        }
        #expect("{\(shown.joined(separator: ", "))}" == attributes)
    }

    @Test(arguments: [
        #"replace_pattern(attributes["none"], "a", "b")"#, #"delete_key(attributes, "none")"#,
        #"keep_matching_keys(attributes, ".")"#,
        #"truncate_all(attributes, 100)"#, #"limit(attributes, 10, [])"#,
        #"replace_all_matches(attributes, "none*", "x")"#,
        #"set(attributes["x"], nil)"#, #"replace_all_patterns(attributes, "value", "zzz", "x")"#,
        #"replace_match(attributes["user"], "x*", "y")"#,
        #"delete_matching_keys(attributes, "zzz")"#, #"merge_maps(attributes, {}, "upsert")"#,
        #"keep_keys(attributes, ["user", "tags", "n"])"#,
    ])
    func `what a statement does not change stays the very same bytes`(_ text: String) throws {
        let statement = try Statement(parsing: text, context: .log, functions: .standard)
        let before = Self.batch()
        var batch = before
        let isChanged = batch.rewrite(.record) { draft in
            do { _ = try statement.run(Frame(draft, Surroundings(now: { 0 }))) } catch {
                Issue.record("\(error)")
            }
        }
        #expect(!isChanged)
    }

    /// Statement, a part of the message, and the column where the mistake is.
    private static let mistakes: [(String, String, Int)] = [
        (#"replace_pattern(attributes["a"], "a(", "b")"#, "')' is missing", 33),
        (#"set(attributes["a"], SHA265("x"))"#, "there is no converter 'SHA265'", 21),
        (#"limit(attributes, -1, [])"#, "0 or more", 18),
        (#"set(attributes["a"], Time("x", "%Q"))"#, "no directive '%Q'", 31),
        (#"set(attributes["a"], TraceID("abc"))"#, "32 hexadecimal digits", 29),
        (#"keep_keys(attributes["a"], "b")"#, "list", 27),
        (#"merge_maps(attributes, attributes, "x")"#, "no strategy 'x'", 35),
        (#"delete_key(trace_id, "a")"#, "", 11),
        (#"set(attributes["a"], GetXML(body, "/a["))"#, "not valid", 34),
    ]

    @Test(arguments: mistakes)
    func `mistakes are found at their place`(_ text: String, _ message: String, _ column: Int) {
        let error = #expect(throws: OTTLError.self) {
            try Statement(parsing: text, context: .log, functions: .standard)
        }
        #expect(error?.message.contains(message) == true || message.isEmpty, "\(String(describing: error))")
        #expect(error?.range.lowerBound == column, "\(String(describing: error))")
    }
}
