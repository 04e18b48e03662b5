import FleetModel
import OpAMP
import Settings
import Testing

@testable import Fleet

@Suite struct TemplateTests {
    @Test(arguments: [
        ("plain", 0), ("${env:HOME}", 0), ("$${var:port}", 0), ("$$${var:port}", 1), ("${var:port}", 1),
        ("a ${var:a} b ${secret:b}", 2), ("${env:${var:name}}", 1), ("$", 0), ("${", 0), ("$$", 0),
        ("${variable:x}", 0), ("${VAR:x}", 0),
    ])
    func `placeholders are told from what is the collector's`(text: String, count: Int) {
        #expect(TemplateText(text).placeholders.count == count)
        #expect(TemplateText(text).fault == nil)
        #expect(Self.written(TemplateText(text)) == text)
    }

    @Test(arguments: ["${var:}", "${var:a b}", "${var:1a}", "${var:open", "${secret:../etc/passwd}"])
    func `a placeholder that is not well written is a fault and no placeholder`(text: String) {
        #expect(TemplateText(text).fault != nil)
        #expect(TemplateText(text).placeholders.isEmpty)
    }

    @Test(arguments: [
        ("a", false), ("${env:X}", true), ("$${env:X}", false), ("$$${env:X}", true), ("$X", false),
        ("$", false),
    ])
    func `an expression of the collector is seen unless it is escaped`(text: String, has: Bool) {
        #expect(TemplateText.hasExpression(text) == has)
    }

    @Test func `a value takes the place of a placeholder with its type`() throws {
        let filled = try Self.fill(
            """
            port: ${var:port}
            on: ${var:on}
            exporters: ${var:exporters}
            wait: ${var:wait}
            name: ${var:name}
            endpoint: localhost:${var:port}
            other: ${env:OTHER}
            """)
        #expect(filled["port"]?.scalar?.value == .int(4317))
        #expect(filled["on"]?.scalar?.value == .bool(true))
        #expect(filled["exporters"]?.list?.map(\.text) == ["otlp", "debug"])
        #expect(filled["wait"]?.text == "5s")
        #expect(filled["name"]?.scalar?.value == .string("0123"))
        #expect(filled["endpoint"]?.text == "localhost:4317")
        #expect(filled["other"]?.text == "${env:OTHER}")
    }

    @Test func `a value never becomes a key, a list or an expression`() throws {
        let evil = "x\ninjected: true\n- ${env:TOKEN} # \" ' {a: b}"
        let filled = try Self.fill("a: ${var:evil}\nb: pre-${var:evil}\nc: 1\n", ["evil": .text(evil)])
        let read = try Tree(yaml: filled.yaml(), source: .builtIn)
        #expect(read.table?.map(\.key) == ["a", "b", "c"])
        let escaped = evil.replacing("$", with: "$$")
        #expect(read["a"]?.text == escaped)
        #expect(read["b"]?.text == "pre-" + escaped)
        #expect(!TemplateText.hasExpression(read["a"]?.text ?? "${"))
    }

    @Test func `inside an expression a value must not be able to make another of it`() throws {
        let filled = try Self.fill("a: ${env:${var:name}}", ["name": .text("API_KEY")])
        #expect(filled["a"]?.text == "${env:API_KEY}")
        for evil in ["A}${file:/etc/shadow", "A:-x", "$A", "A B"] {
            #expect(throws: InvalidSettings.self) {
                try Self.fill("a: ${env:${var:name}}", ["name": .text(evil)])
            }
        }
    }

    @Test func `keys are not filled in and lists are no part of a text`() throws {
        let inKey = #expect(throws: InvalidSettings.self) { try Self.fill("${var:name}: 1") }
        #expect(inKey?.diagnostics.first?.position?.line == 1)
        let list = #expect(throws: InvalidSettings.self) { try Self.fill("a:\n  b: x-${var:exporters}") }
        #expect(list?.diagnostics.first?.path == ["a", "b"])
        #expect(list?.diagnostics.first?.position?.line == 2)
    }

    @Test(arguments: [
        (VariableType.int, "4317", true), (.int, "4317.5", false), (.int, "no", false), (.bool, "true", true),
        (.bool, "yes", false), (.duration, "1m30s", true), (.duration, "90", false), (.string, "90", true),
        (.list, "a, b,c", true),
    ])
    func `labels and attributes are read as the type of the variable`(
        type: VariableType, text: String, isPossible: Bool
    ) {
        let value = try? VariableValue.reading(.text(text), as: type).get()
        #expect((value != nil) == isPossible)
        if type == .list { #expect(value == .list(["a", "b", "c"])) }
    }

    @Test func `only allowed values are taken, and each element of a list has to be one`() throws {
        var variable = TemplateVariable()
        variable.allowed = [.text("eu"), .text("us")]
        #expect(try variable.value(of: .text("eu")).get() == .text("eu"))
        #expect(throws: VariableFault.self) { try variable.value(of: .text("mars")).get() }
        variable.type = .list
        #expect(try variable.value(of: .text("eu,us")).get() == .list(["eu", "us"]))
        #expect(throws: VariableFault.self) { try variable.value(of: .text("eu,mars")).get() }
    }

    @Test(arguments: [
        "type: int", "{type: bool, default: maybe}", "{required: true, default: a}",
        "{type: int, default: 5, allowed: [1, x]}", "{default: c, allowed: [a, b]}", "typ: int",
    ])
    func `a declaration that cannot work is refused`(yaml: String) {
        #expect(throws: InvalidSettings.self) { try TemplateVariable.decode(yaml: yaml) }
    }

    private static func written(_ text: TemplateText) -> String {
        text.pieces.map { piece in
            switch piece {
            case .literal(let literal): literal
            case .placeholder(let placeholder): placeholder.text
            }
        }.joined()
    }

    private static func fill(
        _ yaml: String,
        _ values: [String: VariableValue] = [
            "port": .whole(4317), "on": .truth(true), "exporters": .list(["otlp", "debug"]),
            "wait": .duration("5s"), "name": .text("0123"),
        ]
    ) throws -> Tree {
        var filling = TemplateFilling { placeholder in
            values[placeholder.name].map { .value($0) } ?? .missing("missing", suggestion: nil)
        }
        let tree = filling.fill(try Tree(yaml: yaml, source: ConfigurationSource(.file, "test")))
        guard filling.diagnostics.isEmpty else { throw InvalidSettings(filling.diagnostics) }
        return tree
    }
}

@Suite struct VariableResolutionTests {
    private static let uid = InstanceUID(high: 1, low: 2)

    private static func variable(_ source: String = "", required: Bool = true) -> TemplateVariable {
        var variable = TemplateVariable()
        variable.source = source
        variable.isRequired = required
        if !required { variable.initial = .text("default") }
        return variable
    }

    /// Takes the most specific place away, one after the other.
    @Test func `the most specific place wins`() {
        var subject = TemplateSubject(
            uid: Self.uid, labels: ["var.region": "label"], attributes: ["cloud.region": "attribute"])
        var groups = [
            GroupValues(name: "a", priority: 0, values: ["region": .text("low")]),
            GroupValues(name: "b", priority: 9, values: ["region": .text("high")]),
        ]
        var fleet: [String: Tree] = ["region": .text("fleet")]
        func value() -> (VariableValue?, VariableOrigin?) {
            let resolution = VariableResolution(
                ["region": Self.variable("cloud.region", required: false)], for: subject, groups: groups,
                fleet: fleet)
            return (resolution.values["region"], resolution.origins["region"])
        }
        #expect(value() == (.text("label"), .label("var.region")))
        subject.labels = [:]
        #expect(value() == (.text("attribute"), .source("cloud.region")))
        subject.attributes = [:]
        #expect(value() == (.text("high"), .group("b")))
        groups.removeLast()
        #expect(value() == (.text("low"), .group("a")))
        groups = []
        #expect(value() == (.text("fleet"), .fleet))
        fleet = [:]
        #expect(value() == (.text("default"), .initial))
    }

    @Test func `two groups of one priority that disagree are an error, and none when they agree`() {
        func problems(_ second: String) -> [Diagnostic] {
            VariableResolution(
                ["x": Self.variable()], for: TemplateSubject(uid: Self.uid),
                groups: [
                    GroupValues(name: "a", priority: 1, values: ["x": .text("1")]),
                    GroupValues(name: "b", priority: 1, values: ["x": .text(second)]),
                ], fleet: [:]
            ).diagnostics
        }
        #expect(problems("1").isEmpty)
        #expect(problems("2").count == 1)
        #expect(problems("2").first?.message.contains("a and b") == true)
    }

    @Test func `a required variable without a value is an error that says where to set it`() {
        let resolution = VariableResolution(
            ["x": Self.variable("host.name")], for: TemplateSubject(uid: Self.uid), groups: [], fleet: [:])
        #expect(resolution.values.isEmpty)
        #expect(resolution.diagnostics.first?.message.contains("var.x") == true)
        #expect(resolution.diagnostics.first?.message.contains("host.name") == true)
    }

    @Test func `the agent's own id can be a value`() {
        let resolution = VariableResolution(
            ["x": Self.variable("instance_uid")], for: TemplateSubject(uid: Self.uid), groups: [], fleet: [:])
        #expect(resolution.values["x"] == .text(Self.uid.description))
    }

    @Test func `a wrong value is told with its place and not quoted`() {
        var variable = TemplateVariable()
        variable.type = .int
        variable.initial = .number(1)
        let resolution = VariableResolution(
            ["x": variable], for: TemplateSubject(uid: Self.uid, labels: ["var.x": "hunter2"]), groups: [],
            fleet: [:])
        #expect(resolution.diagnostics.count == 1)
        #expect(resolution.diagnostics.first?.message.contains("label var.x") == true)
        #expect(resolution.diagnostics.first?.message.contains("hunter2") == false)
    }
}
