import Telemetry
import Testing
import Wire

@testable import OTTL

@Suite struct EvaluationTests {
    /// Values of each type, with all that compare with one another in groups.
    @Test(arguments: [
        ("1 == 1.0", true), ("1 < 1.5", true), ("2 >= 2", true), ("true > false", true),
        ("true < false", false),
        ("\"a\" < \"b\"", true), ("\"a\" == \"a\"", true), ("0x01 < 0x02", true), ("0x01 == 0x01", true),
        ("nil == nil", true), ("nil != nil", false), ("nil < nil", false), ("nil <= nil", false),
        ("1 == \"1\"", false), ("1 != \"1\"", true), ("1 < \"1\"", false), ("true == 1", false),
        ("nil != 1", true), ("nil == 1", false), ("0x61 == \"a\"", false),
        ("[1, 2] == [1, 2]", true), ("[1, 2] == [1, 3]", false), ("[1] < [2]", false),
        ("[1] == [1.0]", false),
        ("{\"a\": 1, \"b\": 2} == {\"b\": 2, \"a\": 1}", true), ("{\"a\": 1} != {\"a\": 2}", true),
        ("Hours(1) < Hours(2)", true), ("Hours(1) == Hours(1)", true), ("Moment(1) <= Moment(1)", true),
        ("Moment(1) == Hours(1)", false), ("Moment(1) + Hours(1) > Moment(1)", true),
        ("attributes[\"text\"] == \"one\"", true), ("attributes[\"text\"] != \"one\"", false),
        ("attributes[\"text\"] == \"two\"", false), ("\"one\" == attributes[\"text\"]", true),
        ("attributes[\"missing\"] == \"one\"", false), ("attributes[\"missing\"] != \"one\"", true),
        ("attributes[\"missing\"] == nil", true), ("attributes[\"none\"] == nil", true),
        ("attributes[\"text\"] != nil", true), ("attributes[\"int\"] == 7", true),
        ("attributes[\"int\"] == \"7\"", false),
        ("5 < attributes[\"int\"]", true), ("attributes[\"list\"] == [\"x\", 2]", true),
        ("attributes[\"map\"][\"a\"] == {\"b\": \"deep\"}", true), ("name == \"GET /\"", true),
        ("name != \"GET /\"", false), ("resource.attributes[\"host\"] == \"h1\"", true),
        ("scope.name == \"lib\" and kind == SPAN_KIND_SERVER", true),
        ("parent_span_id == 0x1112131415161718", true),
        ("not true or true", true), ("not (true or true)", false), ("true or false and false", true),
        ("(true or false) and false", false), ("not name == \"x\"", true), ("IsString(name)", true),
        ("not IsString(kind)", true), ("IsString(name) == true", true), ("true or Fails()", true),
        ("false and Fails()", false), ("(kind + 1) * 2 == 6", true), ("((kind)) == 2", true),
        ("Split(\"a,b\")[1] == \"b\"", true), ("Int(\"12\") == 12", true), ("Int(\"x\") == nil", true),
        ("Apply(\"4\", Int) == 4", true), ("attributes[\"map\"] == attributes[\"map\"]", true),
    ])
    func `conditions hold or not`(_ condition: String, _ holds: Bool) throws {
        #expect(try Sample.of(.span).holds(condition) == holds)
    }

    @Test(arguments: [
        ("7 / 2", "3"), ("-7 / 2", "-3"), ("7.0 / 2", "3.5"), ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"),
        ("1-1", "0"), ("1.5 + 1", "2.5"), ("-(2 - 5)", "3"), ("+5", "5"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775807 + 1", "-9223372036854775808"), (".5", "0.5"), ("1.5e3", "1500.0"),
        ("\"\\u00e4\\x41\\101\\n\"", "\"äAA\n\""), ("0xfF", "0xff"), ("[]", "[]"), ("{}", "{}"),
        ("Hours(2) - Hours(1)", "duration 3600000000000"), ("Moment(9) - Moment(4)", "duration 5"),
        ("Concat([\"a\", 1, nil, true], delimiter=\"-\")", "\"a-1-true\""),
        ("Concat(delimiter=\"\", values=[attributes[\"text\"], 2.0])", "\"one2\""),
        ("attributes[\"int\"] / 0", "error: division by 0"),
        ("attributes[\"text\"] * 2", "error: string * int has no meaning"),
    ])
    func `expressions give`(_ expression: String, _ value: String) throws {
        #expect(try Sample.of(.span).values(expression) == [value])
    }

    @Test func `literals are folded`() throws {
        var compiler = Compiler(.span, TestFunctions.set)
        let sum = try compiler.compile(try Parser.value("Int(\"2\") * 3 + SPAN_KIND_SERVER"))
        if case .int(let value)? = sum.constant { #expect(value == 8) } else { Issue.record("not folded") }
        #expect(try compiler.compile(try Parser.condition("1 == 2 and Fails()")).constant == false)
        #expect(try compiler.compile(try Parser.condition("name == \"x\" or true")).constant == nil)
    }

    @Test func `what happens to errors is chosen`() throws {
        let batch = try Sample.of(.span).batch
        let statements = try ["fail()", "set(name, \"after\")"].map {
            try Statement(parsing: $0, context: .span, functions: TestFunctions.set)
        }
        for (mode, reports, name, failures) in [
            (ErrorMode.ignore, 1, "after", 0), (.silent, 0, "after", 0), (.propagate, 0, "GET /", 1),
        ] {
            let sequence = StatementSequence(statements, errorMode: mode)
            var (copy, reported, failed) = (batch, 0, 0)
            copy.rewrite(sequence.places) { draft in
                do throws(StatementFailure) {
                    try sequence.run(Frame(draft, Sample.surroundings)) { failure in
                        #expect(failure.description == "fail(): on purpose")
                        reported += 1
                    }
                } catch { failed += 1 }
            }
            #expect((reported, failed) == (reports, failures))
            #expect(try Sample(context: .span, batch: copy).values("name") == ["\"\(name)\""])
        }
    }

    @Test func `one of several conditions has to hold, and one that fails does not`() throws {
        func sequence(_ texts: [String], _ mode: ErrorMode) throws -> ConditionSequence {
            ConditionSequence(
                try texts.map { try Condition(parsing: $0, context: .span, functions: TestFunctions.set) },
                errorMode: mode)
        }
        let frame = Frame(Draft.detached(.span), Sample.surroundings)
        #expect(try sequence(["Fails()", "kind == 0"], .ignore).holds(frame) { _ in })
        #expect(
            try !sequence(["Fails()", "kind == 1"], .silent).holds(frame) { _ in Issue.record("reported") })
        #expect(throws: StatementFailure.self) { try sequence(["Fails()"], .propagate).holds(frame) { _ in } }
    }

    @Test func `the cache lasts until the next message`() throws {
        let frame = Frame(Draft.detached(.span), Sample.surroundings)
        let put = try Statement(
            parsing: "set(cache[\"a\"][\"b\"], [1])", context: .span, functions: TestFunctions.set)
        let get = try ValueExpression(
            parsing: "cache[\"a\"][\"b\"][0]", context: .span, functions: TestFunctions.set)
        try put.run(frame)
        #expect(Sample.shown(try get.value(frame)) == "1")
        frame.begin()
        #expect(Sample.shown(try get.value(frame)) == "nil")
    }

    @Test(arguments: [
        (["set(span.name, resource.attributes[\"a\"])"], OTTLContext?.some(.span)),
        (["set(resource.attributes[\"a\"], 1)"], .resource),
        (["set(instrumentation_scope.name, \"a\")"], .scope),
        (["set(resource.attributes[\"a\"], SPAN_KIND_SERVER)"], .spanevent),
        (["set(resource.attributes[\"a\"], SEVERITY_NUMBER_INFO)"], .log),
        (["set(datapoint.value_int, 1) where metric.name == \"x\""], .datapoint), (["set(name, 1)"], nil),
        (["set(resource.attributes[\"a\"], 1)", "fail() where IsString(log.body)"], .log),
    ])
    func `the context is inferred from paths`(_ texts: [String], _ context: OTTLContext?) throws {
        let inferred = try ContextInference.context(ofStatements: texts) { _ in TestFunctions.set }
        #expect(inferred == context)
    }
}
