import PipelineTesting
import Telemetry
import Testing
import Wire

@testable import Processors

/// The tables of otelcol-contrib's tests of attribute actions, with what they document as results.
@Suite struct ActionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let actions: String
        let before: Attributes
        let after: Attributes

        init(_ name: String, _ actions: String, _ before: Attributes, _ after: Attributes) {
            testDescription = name
            self.actions = actions
            self.before = before
            self.after = after
        }
    }

    private static let insert = "[{key: attribute1, value: 123, action: insert}]"
    private static let insertFrom = "[{key: string key, from_attribute: anotherkey, action: insert}]"
    private static let update = "[{key: db.secret, value: redacted, action: update}]"
    private static let updateFrom = "[{key: boo, from_attribute: foo, action: update}]"
    private static let upsert = "[{key: region, value: planet-earth, action: upsert}]"
    private static let upsertFrom = "[{key: new_user_key, from_attribute: user_key, action: upsert}]"
    private static let extract =
        #"[{key: user_key, pattern: '^\/api\/v1\/document\/(?P<new_user_key>.*)\/update\/(?P<version>.*)$',"#
        + " action: extract}]"
    private static let delete = "[{key: duplicate_key, pattern: '^duplicate_key_.', action: delete}]"
    private static let ghost: AttributeValue = "casper the friendly ghost"

    static let setting: [Case] = [
        Case("insert without attributes", insert, [:], ["attribute1": 123]),
        Case(
            "insert beside another", insert, ["anotherkey": "bob"], ["anotherkey": "bob", "attribute1": 123]),
        Case("insert what is there", insert, ["attribute1": "bob"], ["attribute1": "bob"]),
        Case("insert from nothing", insertFrom, ["bob": 1], ["bob": 1]),
        Case(
            "insert from another", insertFrom, ["anotherkey": 8_892_342],
            ["anotherkey": 8_892_342, "string key": 8_892_342]),
        Case(
            "insert from another what is there", insertFrom, ["anotherkey": 8_892_342, "string key": "here"],
            ["anotherkey": 8_892_342, "string key": "here"]),
        Case("update without attributes", update, [:], [:]),
        Case("update what is absent", update, ["boo": "foo"], ["boo": "foo"]),
        Case("update what is there", update, ["db.secret": "password1234"], ["db.secret": "redacted"]),
        Case("update from nothing", updateFrom, ["boo": "bob"], ["boo": "bob"]),
        Case("update what is absent from another", updateFrom, ["foo": "x"], ["foo": "x"]),
        Case(
            "update from another", updateFrom, ["foo": "party", "boo": "not here"],
            ["foo": "party", "boo": "party"]),
        Case("upsert without attributes", upsert, [:], ["region": "planet-earth"]),
        Case(
            "upsert what is there", upsert, ["mission": "to mars", "region": "solar system"],
            ["mission": "to mars", "region": "planet-earth"]),
        Case("upsert from nothing", upsertFrom, ["boo": "x"], ["boo": "x"]),
        Case(
            "upsert from another", upsertFrom, ["user_key": 2245, "foo": ghost],
            ["user_key": 2245, "new_user_key": 2245, "foo": ghost]),
        Case(
            "upsert over what is there", upsertFrom, ["user_key": 2245, "new_user_key": 5422],
            ["user_key": 2245, "new_user_key": 2245]),
        Case(
            "an attribute from itself",
            "[{key: boo, from_attribute: boo, action: insert}, {key: boo, from_attribute: boo, "
                + "action: update},"
                + " {key: boo, from_attribute: boo, action: upsert}]", ["boo": "x"], ["boo": "x"]),
        Case(
            "a default where the other is absent",
            "[{key: region, from_attribute: cloud.region, default_value: us-east-1, action: insert}]", [:],
            ["region": "us-east-1"]),
        Case(
            "no default where the other is there",
            "[{key: region, from_attribute: cloud.region, default_value: us-east-1, action: insert}]",
            ["cloud.region": "eu"], ["cloud.region": "eu", "region": "eu"]),
        Case("a default alone", "[{key: a, default_value: [1, x], action: upsert}]", [:], ["a": [1, "x"]]),
        Case(
            "a default for null", "[{key: a, value: null, default_value: d, action: upsert}]", [:],
            ["a": "d"]),
        Case(
            "values of every type",
            "[{key: a, value: 1.5}, {key: b, value: true}, {key: c, value: '7'}, {key: d, value: {k: [1]}}]"
                .replacing("}, {", with: ", action: upsert}, {").replacing(
                    "]}}]", with: "]}, action: upsert}]"),
            [:], ["a": 1.5, "b": true, "c": "7", "d": .keyValues([.init("k", [1])])]),
        Case("upper case", "[{key: a, value: 1, action: UpSert}]", [:], ["a": 1]),
    ]

    static let taking: [Case] = [
        Case("extract without attributes", extract, [:], [:]),
        Case("extract from what is absent", extract, ["boo": "x"], ["boo": "x"]),
        Case("extract from a number", extract, ["user_key": 1234], ["user_key": 1234]),
        Case(
            "extract without a match", extract, ["user_key": "does not match"],
            ["user_key": "does not match"]),
        Case(
            "extract with half a match", extract, ["user_key": "/api/v1/document/12345678/update"],
            ["user_key": "/api/v1/document/12345678/update"]),
        Case(
            "extract", extract, ["user_key": "/api/v1/document/12345678/update/v1", "foo": ghost],
            [
                "user_key": "/api/v1/document/12345678/update/v1", "new_user_key": "12345678",
                "version": "v1", "foo": ghost,
            ]),
        Case(
            "extract over what is there", extract,
            ["user_key": "/api/v1/document/12345678/update/v1", "new_user_key": "2321", "version": "na"],
            [
                "user_key": "/api/v1/document/12345678/update/v1", "new_user_key": "12345678",
                "version": "v1",
            ]),
        Case(
            "extract the parts of an address",
            #"[{key: http.url, action: extract, pattern: '^(?P<http_protocol>.*):\/\/(?P<http_domain>.*)"#
                + #"\/(?P<http_path>.*)(?:\?|\&)(?P<http_query_params>.*)'}]"#,
            ["http.url": "http://example.com/path?queryParam1=value1,queryParam2=value2"],
            [
                "http.url": "http://example.com/path?queryParam1=value1,queryParam2=value2",
                "http_protocol": "http", "http_domain": "example.com", "http_path": "path",
                "http_query_params": "queryParam1=value1,queryParam2=value2",
            ]),
        Case("delete without attributes", delete, [:], [:]),
        Case("delete what is absent", delete, ["boo": "x"], ["boo": "x"]),
        Case(
            "delete by key", delete, ["duplicate_key": 3245.6, "original_key": 3245.6],
            ["original_key": 3245.6]),
        Case(
            "delete by pattern", delete,
            ["duplicate_key_a": 1.5, "duplicate_key_b": 1.5, "original_key": 1, "not_duplicate_key": 2],
            ["original_key": 1, "not_duplicate_key": 2]),
        Case(
            "delete by pattern alone", "[{pattern: 'duplicate.*', action: delete}]",
            ["duplicate_key": 1, "original_key": 2], ["original_key": 2]),
        Case(
            "several in order",
            "[{key: operation, value: default, action: insert}, {key: svc.operation, "
                + "from_attribute: operation,"
                + " action: upsert}, {key: operation, action: delete}]",
            ["foo": ghost, "operation": "arithmetic", "svc.operation": "add"],
            ["foo": ghost, "svc.operation": "arithmetic"]),
        Case(
            "several in order with a default",
            "[{key: operation, value: default, action: insert}, {key: svc.operation, "
                + "from_attribute: operation,"
                + " action: upsert}, {key: operation, action: delete}]", ["timeout": 10],
            ["timeout": 10, "svc.operation": "default"]),
        Case(
            "the example of the documentation",
            "[{key: db.table, action: delete}, {key: redacted_span, value: true, action: "
                + "upsert}, {key: copy_key,"
                + " from_attribute: key_original, action: update}, {key: account_id, value: "
                + "2245, action: insert},"
                + " {key: account_password, action: delete}]",
            ["db.table": "t", "copy_key": 1, "key_original": 2, "account_password": "x"],
            ["redacted_span": true, "copy_key": 2, "key_original": 2, "account_id": 2245]),
    ]

    private static let hash = "[{key: updateme, pattern: '^updatemeby.*', action: hash}]"

    static let changing: [Case] = [
        Case("hash what is absent", hash, ["boo": "foo"], ["boo": "foo"]),
        // The digests are those that coreutils' sha256sum prints for the bytes.
        Case(
            "hash text", hash, ["updateme": "foo"],
            ["updateme": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]),
        Case(
            "hash an integer", hash, ["updateme": 24],
            ["updateme": "cbb032642036ec7043fa4529f06c9c9d8b12fa70ea6799a19ca8321a808d86fa"]),
        Case(
            "hash a double", hash, ["updateme": 2.4],
            ["updateme": "df3022be03461368aa299f2f30d440fd3ca45c9b62af40733f10296a53d42859"]),
        Case(
            "hash true by pattern", hash, ["updatemebyregexp": true, "donotupdatemebyregexp": true],
            [
                "updatemebyregexp": "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
                "donotupdatemebyregexp": true,
            ]),
        Case(
            "hash false", hash, ["updateme": false],
            ["updateme": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]),
        Case("hash an empty text", hash, ["updateme": ""], ["updateme": ""]),
        Case("convert text to int", convert("int"), ["a": "404"], ["a": 404]),
        Case("convert text that is no int", convert("int"), ["a": "4.5"], ["a": "4.5"]),
        Case("convert a double to int", convert("int"), ["a": 4.9], ["a": 4]),
        Case("convert true to int", convert("int"), ["a": true], ["a": 1]),
        Case("convert a list to int", convert("int"), ["a": [1]], ["a": [1]]),
        Case("convert an int to double", convert("double"), ["a": 3], ["a": 3.0]),
        Case("convert text to double", convert("double"), ["a": "1e3"], ["a": 1000.0]),
        Case("convert text that is no double", convert("double"), ["a": "x"], ["a": "x"]),
        Case("convert false to double", convert("double"), ["a": false], ["a": 0.0]),
        Case("convert an int to text", convert("string"), ["a": -3], ["a": "-3"]),
        Case("convert a double to text", convert("string"), ["a": 2.5e-7], ["a": "2.5e-7"]),
        Case(
            "convert a large double to text", convert("string"), ["a": 1e20],
            ["a": "100000000000000000000"]),
        Case(
            "convert a map to text", convert("string"),
            ["a": .keyValues([.init("b", ["<", 1.0]), .init("a", .empty)])],
            ["a": #"{"a":null,"b":["\u003c",1]}"#]),
        Case("convert bytes to text", convert("string"), ["a": .bytes([1, 2, 3, 4])], ["a": "AQIDBA=="]),
        Case("convert what is absent", convert("string"), [:], [:]),
    ]

    private static func convert(_ type: String) -> String {
        "[{key: a, action: convert, converted_type: \(type)}]"
    }

    @Test(arguments: [Signal.traces, .logs, .metrics], setting + taking + changing)
    func `actions on the attributes of records`(_ signal: Signal, _ example: Case) throws {
        var step = try StepHarness(AttributesProcessor.self, yaml: "actions: \(example.actions)")
        let before = Batch.one(signal, example.before)
        let passed = try step.send(before)
        #expect(passed.flatMap { $0.itemAttributes } == [example.after])
        #expect(try passed.map { try Batch(validating: $0.contiguous(), as: signal).itemCount } == [1])
        if example.before == example.after, !example.testDescription.contains("from itself") {
            #expect(passed.first?.contiguous().array == before.contiguous().array)
        }
    }

    @Test(arguments: [Signal.traces, .logs, .metrics], setting + taking + changing)
    func `actions on the attributes of resources`(_ signal: Signal, _ example: Case) throws {
        var step = try StepHarness(ResourceProcessor.self, yaml: "attributes: \(example.actions)")
        let passed = try step.send(Batch.one(signal, ["a": "item"], resource: example.before))
        #expect(passed.flatMap { $0.resourceAttributes } == [example.after])
        #expect(passed.flatMap { $0.itemAttributes } == [["a": "item"]])
    }

    @Test func `events and links are left alone`() throws {
        var step = try StepHarness(
            AttributesProcessor.self, yaml: "actions: [{pattern: '.*', action: delete}]")
        let passed = try step.send(try Samples.complete(.traces))
        let span = try #require(passed.first?.spans.first)
        #expect(span.attributes.dictionary.isEmpty)
        #expect(span.events.first?.attributes.dictionary == ["attempt": 2])
        #expect(span.links.first?.attributes.dictionary == ["reason": "follows"])
    }

    static let contexts: [(String, Attributes)] = [
        ("source", [:]), ("metadata.single", ["dest": "one"]), ("SINGLE", ["dest": "one"]),
        ("metadata.several", ["dest": "one;two"]), ("auth.subject", ["dest": "ada"]), ("auth.unknown", [:]),
        ("client.address", ["dest": "192.168.1.1"]),
    ]

    @Test(arguments: contexts)
    func `values come from the request`(_ name: String, _ expected: Attributes) throws {
        var step = try StepHarness(
            AttributesProcessor.self,
            yaml: "actions: [{key: dest, from_context: \(name), action: insert}]")
        var batch = Batch.one(.logs, [:])
        #expect(try step.send(batch).flatMap { $0.itemAttributes } == [[:]])
        batch.origin = Origin(
            peer: "192.168.1.1:4711", metadata: ["single": ["one"], "several": ["one", "two"]],
            attributes: ["subject": "ada"])
        #expect(try step.send(batch).flatMap { $0.itemAttributes } == [expected])
    }

    @Test func `a default stands in for the request`() throws {
        var step = try StepHarness(
            AttributesProcessor.self,
            yaml:
                "actions: [{key: tenant, from_context: metadata.tenant, default_value: none, action: upsert}]"
        )
        var batch = Batch.one(.logs, [:])
        #expect(try step.send(batch).flatMap { $0.itemAttributes } == [["tenant": "none"]])
        batch.origin = Origin(peer: "[::1]:4711", metadata: ["tenant": ["blue"]])
        #expect(try step.send(batch).flatMap { $0.itemAttributes } == [["tenant": "blue"]])
    }
}
