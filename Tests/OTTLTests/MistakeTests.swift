import OTTL
import Telemetry
import Testing

@Suite struct MistakeTests {
    @Test(arguments: [
        ("", "column 1: expected an editor such as set(…), found the end"),
        ("set(name", "column 9: expected ',' or ')', found the end"),
        ("set(name, \"x\" where", "column 15: expected ',' or ')', found 'where'"),
        ("set(name, \"x\") wher true", "column 16: expected 'where' or the end, found 'wher'"),
        (
            "set(name, \"x\") where name",
            "column 22: expected a condition, found a value; "
                + "compare it with ==, !=, <, <=, > or >="
        ),
        ("set(name, \"x\") where name = \"x\"", "column 27: '=' does not compare (did you mean '=='?)"),
        ("set(name, \"x\") where (name == \"x\"", "column 34: expected an operator or ')', found the end"),
        ("set(name, \"x)", "column 11: the string has no end"),
        ("set(name, \"\\d\")", "column 12: unknown escape '\\d'; a backslash itself is written '\\\\'"),
        ("set(name, 0xabc)", "column 11: bytes need two hexadecimal digits each, as in 0x0aff"),
        ("set(kind, 9223372036854775808)", "column 11: the number does not fit into 64 bits"),
        ("set(kind, 1e5)", "column 11: 'e5' cannot follow a number; write floats as in 1.5e3"),
        ("set(name, 'x')", "column 11: ''' has no meaning here (did you mean '\"'?)"),
        ("set(name, \"x\") where true && false", "column 27: '&' has no meaning here (did you mean 'and'?)"),
        (
            "Set(name, \"x\")",
            "column 1: 'Set' is a converter; a statement begins with an editor, in lower case"
        ),
        (
            "set(name, set(name, 1))",
            "column 11: 'set' is an editor; a value comes from a converter, "
                + "whose name begins with a capital"
        ),
        ("set(name, \"x\")[\"a\"]", "column 16: what an editor does has no value to be indexed"),
        ("set(Name, \"x\")", "column 5: 'Name' has no meaning in the context span"),
        ("set(name, value=\"x\", \"y\")", "column 22: arguments without names come before those with names"),
        ("set(name, {\"a\": 1, \"a\": 2})", "column 20: the key 'a' is there twice"),
        ("set(kind, (1 == 2) + 1)", "column 12: expected a value, found a condition"),
    ])
    func `mistakes of grammar are found`(_ text: String, _ error: String) { expectMistake(text, error) }

    @Test(arguments: [
        ("sett(name, \"x\")", "column 1: there is no editor 'sett' (did you mean 'set'?)"),
        ("set(name, Conct([], \"\"))", "column 11: there is no converter 'Conct' (did you mean 'Concat'?)"),
        ("set(nam, \"x\")", "column 5: a span has no field 'nam' (did you mean 'name'?)"),
        (
            "set(attribute[\"x\"], 1)",
            "column 5: a span has no field 'attribute' (did you mean 'attributes'?)"
        ),
        ("set(status.cod, 1)", "column 5: a span has no field 'status.cod' (did you mean 'status.code'?)"),
        (
            "set(resource.attribut[\"x\"], 1)",
            "column 14: a resource has no field 'attribut' (did you mean 'attributes'?)"
        ),
        ("set(version, \"x\")", "column 5: a span has no field 'version' (did you mean 'scope.version'?)"),
        ("set(log.body, 1)", "column 5: a span statement cannot reach 'log'"),
        ("set(name[\"x\"], 1)", "column 5: 'name' is string and cannot be indexed"),
        ("set(attributes[-1], 1)", "column 16: an index begins at 0"),
        ("set(attributes[true], 1)", "column 16: a key is a string or an int, not bool"),
        ("set(resource.schema_url, \"x\")", "column 5: 'target' of 'set' can be read, but not set"),
        ("set(\"x\", 1)", "column 5: 'target' of 'set' must be a path"),
        ("set(name)", "column 1: 'set' needs 'value': set(target, value)"),
        ("set(name, 1, 2)", "column 14: 'set' takes no more than 2 arguments: set(target, value)"),
        (
            "set(name, valu=2)",
            "column 11: 'set' has no parameter 'valu': set(target, value) (did you mean 'value'?)"
        ),
        ("set(target=name, target=name)", "column 25: 'target' is given twice"),
        ("delete_key(name, \"x\")", "column 12: 'target' of 'delete_key' must be a map, not string"),
        ("delete_key(attributes, 1)", "column 24: 'key' of 'delete_key' must be string, not int"),
        (
            "set(name, Concat([name], name))",
            "column 26: 'delimiter' of 'Concat' must be known beforehand: "
                + "a literal, not a value of telemetry"
        ),
        ("set(name, Concat(name, \"\"))", "column 18: 'values' of 'Concat' must be a list in brackets"),
        (
            "set(kind, SPAN_KIND_SERVR)",
            "column 11: 'SPAN_KIND_SERVR' has no meaning in the context span "
                + "(did you mean 'SPAN_KIND_SERVER'?)"
        ),
        (
            "set(kind, SEVERITY_NUMBER_INFO)",
            "column 11: 'SEVERITY_NUMBER_INFO' is a name of the context log, not of span"
        ),
        ("set(kind, name + 1)", "column 11: string + int has no meaning"),
        ("set(kind, -name)", "column 12: string has no sign"),
        ("set(kind, 1 / 0)", "column 11: this can only fail: division by 0"),
        ("set(name, \"x\") where Int(\"1\")", "column 22: a condition needs a bool, and this gives int"),
        ("set(name, Int(\"1\")[0])", "column 11: 'Int' gives nil or int, which cannot be indexed"),
        (
            "set(name, otelcol.grpc.metadata[\"x\"])",
            "column 19: metadata of gRPC is kept with that of all clients "
                + "(did you mean 'otelcol.client.metadata'?)"
        ),
        (
            "set(resource, 1)",
            "column 5: 'resource' is no value; name one of its fields: "
                + "attributes, dropped_attributes_count, schema_url"
        ),
        (
            "set(name, Apply(name, Conct))",
            "column 23: there is no converter 'Conct' (did you mean 'Concat'?)"
        ),
        ("set(name, (a) => a)", "column 11: a lambda is no value; only some functions take one"),
        ("set(name, Each([], 1))", "column 20: 'change' of 'Each' must be a lambda: (v1, v2) => …"),
        ("set(name, Each([], (a) => a))", "column 20: the lambda has to have 2 parameters, and has 1"),
        ("set(name, Each([], (a, b) => nme))", "column 30: a span has no field 'nme' (did you mean 'name'?)"),
        ("set(name, Apply(name, Concat))", "column 23: 'Concat' does not work with one argument alone"),
    ])
    func `mistakes of meaning are found`(_ text: String, _ error: String) { expectMistake(text, error) }

    @Test func `deep nesting is refused`() {
        let deep = String(repeating: "(", count: 100) + "1" + String(repeating: ")", count: 100)
        expectMistake("set(kind, \(deep))", "column 75: more than 64 levels of nesting")
    }

    /// What a statement begins with, its chain's first link, the others, and the error with one too many.
    private static let chains: [(String, String, String, Int, String)] = [
        ("set(kind, ", "1", " + 1", 500, "column 2013: more than 500 operators in one statement"),
        ("set(kind, ", "1", " * 1", 500, "column 2013: more than 500 operators in one statement"),
        (
            "set(kind, 1) where ", "true", " and true", 500,
            "column 4525: more than 500 operators in one statement"
        ),
        (
            "set(kind, 1) where ", "true", " or true", 500,
            "column 4025: more than 500 operators in one statement"
        ),
        ("set(kind, ", "cache", "[\"a\"]", 64, "column 337: more than 64 keys behind each other"),
        ("set(kind, ", "Split(name)", "[0]", 64, "column 215: more than 64 keys behind each other"),
    ]

    @Test(arguments: chains)
    func `chains are bounded, for they nest as deeply as they are long`(
        _ start: String, _ first: String, _ link: String, _ limit: Int, _ error: String
    ) {
        let end = start.hasSuffix("where ") ? "" : ")"
        #expect(throws: Never.self) {
            let text = start + first + String(repeating: link, count: limit) + end
            let statement = try Statement(parsing: text, context: .span, functions: TestFunctions.set)
            _ = try? statement.run(Frame(Draft.detached(.span), Sample.surroundings))
        }
        expectMistake(start + first + String(repeating: link, count: limit + 1) + end, error)
    }

    private func expectMistake(_ text: String, _ description: String) {
        do {
            _ = try Statement(parsing: text, context: .span, functions: TestFunctions.set)
            Issue.record("no mistake in \(text)")
        } catch {
            #expect("\(error)" == description)
        }
    }
}
