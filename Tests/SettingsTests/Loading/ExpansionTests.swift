import Settings
import Testing

/// What `${…}` becomes.
@Suite struct ExpansionTests {
    /// Loads `field: <value>` with some variables.
    static func load(_ value: String, _ variables: [String: String] = [:]) async -> LoadedConfiguration {
        await ConfigurationLoader.load(
            sources: ["yaml:field: \(value)"],
            providers: [EnvironmentProvider(variables), YAMLProvider(), FileProvider()])
    }

    struct Text: SettingGroup, Equatable {
        var field = "default"
        init() {}
        static let fields: [Field<Self>] = [Field("field", \.field, "Text.")]
    }

    struct Number: SettingGroup, Equatable {
        var field = -1
        init() {}
        static let fields: [Field<Self>] = [Field("field", \.field, "A number.")]
    }

    struct Truth: SettingGroup, Equatable {
        var field = false
        init() {}
        static let fields: [Field<Self>] = [Field("field", \.field, "Yes or no.")]
    }

    private static let variables = [
        "A": "a", "N": "123", "EMPTY": "", "DOLLAR": "pa$$word", "NAKED": "$A", "NAME": "A",
        "NESTED": "<${env:A}>",
        "SCHEME": "env", "_x1": "under", "ONE": "${ONE}",
    ]

    @Test(
        arguments: [
            ("${env:A}", "a"), ("${A}", "a"), ("x-${env:A}-y", "x-a-y"), ("${A}${A}", "aa"),
            ("${_x1}", "under"),
            ("${env:MISSING:-fallback}", "fallback"), ("${env:A:-fallback}", "a"), ("${MISSING:-f}", "f"),
            ("${env:MISSING:-}", ""), ("${env:MISSING}", ""), ("[${env:MISSING}]x", nil),
            ("'-${env:MISSING}-'", "--"),
            ("${env:${NAME}}", "a"), ("${${SCHEME}:${NAME}}", "a"), ("${env:MISSING:-${A}}", "a"),
            ("$A", "$A"), ("cost $5", "cost $5"), ("$${A}", "${A}"), ("$$${A}", "$a"), ("$$$${A}", "$${A}"),
            ("$$A", "$A"), ("a$$b", "a$b"), ("${A", "${A"), ("A}", "A}"), ("$", "$"), ("x${", "x${"),
            ("${DOLLAR}", "pa$$word"), ("${DOLLAR}!", "pa$$word!"), ("${NAKED}", "$A"), ("${NESTED}", "<a>"),
            ("${N}", "123"), ("${yaml:abc}", "abc"), ("${EMPTY}", ""), ("'${A}'", "a"), ("\"${A}\"", "a"),
        ] as [(String, String?)])
    func `text is expanded`(value: String, expected: String?) async {
        let loaded = await Self.load(value, Self.variables)
        let text = loaded.tree.flatMap { Text.decode($0).value?.field }
        #expect(text == expected)
    }

    @Test(
        arguments: [
            ("${env:hello.world}", "environment variable 'hello.world' has an invalid name"),
            ("${1A}", "environment variable '1A' has an invalid name"),
            ("${}", "environment variable '' has an invalid name"),
            ("${evn:A}", "unknown scheme 'evn'; there are env, file, yaml (did you mean 'env'?)"),
            ("${e:A}", "'${e:A}' is not an address"),
            ("${ONE}", "too many expansions"),
            ("${file:/does/not/exist}", "cannot read '/does/not/exist': No such file or directory"),
        ])
    func `what cannot be expanded is an error at its place`(value: String, message: String) async {
        let loaded = await Self.load(value, Self.variables)
        #expect(loaded.tree == nil)
        let error = loaded.diagnostics.first { $0.severity == .error }
        #expect(error?.path == ["field"])
        #expect(error?.position?.column == 8)
        #expect(error?.description.contains(message) == true)
    }

    @Test func `a missing variable is a warning, an empty one a note`() async {
        let missing = await Self.load("${env:MISSING}")
        #expect(missing.diagnostics.map(\.severity) == [.warning])
        #expect(missing.tree?["field"]?.isNull == true)
        let empty = await Self.load("${EMPTY}", Self.variables)
        #expect(empty.diagnostics.map(\.severity) == [.note])
    }

    /// Columns: the variable, a string field, text around it, an int field, a bool field; `nil` is an error.
    @Test(
        arguments: [
            ("123", "123", "123", 123, nil),
            ("0123", "0123", "0123", 83, nil),
            ("0xdeadbeef", "0xdeadbeef", "0xdeadbeef", 3_735_928_559, nil),
            ("\"0123\"", "\"0123\"", "\"0123\"", nil, nil),
            ("!!str 0123", "!!str 0123", "!!str 0123", nil, nil),
            ("t", "t", "t", nil, nil),
            ("23", "23", "23", 23, nil),
            ("true", "true", "true", nil, true),
            ("True", "True", "True", nil, true),
            ("{\"field\": 123}", "{\"field\": 123}", "{\"field\": 123}", nil, nil),
            (
                "1111:1111:1111:1111:1111::", "1111:1111:1111:1111:1111::", "1111:1111:1111:1111:1111::", nil,
                nil
            ),
            ("2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z07:00", nil, nil),
            ("foo\nbar", "foo\nbar", "foo\nbar", nil, nil),
            ("true # comment", "true # comment", "true # comment", nil, true),
            ("@not: yaml: [", "@not: yaml: [", "@not: yaml: [", nil, nil),
            ("1_000", "1_000", "1_000", 1000, nil),
        ] as [(String, String?, String, Int?, Bool?)], [false, true])
    func `the type of a variable depends on the field`(
        row: (value: String, text: String?, inline: String, number: Int?, truth: Bool?), isIndirect: Bool
    ) async throws {
        let variables = isIndirect ? ["ENV": "${env:ENV2}", "ENV2": row.value] : ["ENV": row.value]
        let tree = try #require(await Self.load("${env:ENV}", variables).tree)
        #expect(Text.decode(tree).value?.field == row.text)
        #expect(Number.decode(tree).value?.field == row.number)
        #expect(Truth.decode(tree).value?.field == row.truth)
        let inline = try #require(await Self.load("inline ${env:ENV} text", variables).tree)
        #expect(Text.decode(inline).value?.field == "inline \(row.inline) text")
    }

    @Test func `text put together by expansion may be a number`() async throws {
        let tree = try #require(await Self.load("${N}4", Self.variables).tree)
        #expect(Number.decode(tree).value?.field == 1234)
    }

    @Test func `a variable may hold a map, and the map more variables`() async throws {
        let variables = [
            "ENV": "{env: \"${env:ENV2}\", inline: \"inline ${env:ENV2}\"}",
            "ENV2": "{env2: \"${env:ENV3}\"}",
            "ENV3": "{value: 123}",
        ]
        let tree = try #require(await Self.load("${env:ENV}", variables).tree)
        #expect(tree[["field", "env", "env2", "value"]]?.scalar?.value == .int(123))
        #expect(tree[["field", "inline"]]?.text == "inline {env2: \"{value: 123}\"}")
        #expect(
            Text.decode(tree).value?.field
                == "{env: \"{env2: \"{value: 123}\"}\", inline: \"inline {env2: \"{value: 123}\"}\"}")
    }

    @Test func `what is not used of a variable is not expanded`() async throws {
        let tree = try #require(await Self.load("${ENV}", ["ENV": "true # not ${env:hello.world}"]).tree)
        #expect(Truth.decode(tree).value?.field == true)
        #expect(Text.decode(tree).value?.field == "true")
    }

    @Test func `variables that double each other are stopped`() async {
        var variables = ["V0": String(repeating: "x", count: 1000)]
        for level in 1...40 { variables["V\(level)"] = "${V\(level - 1)}${V\(level - 1)}" }
        let loaded = await Self.load("${V40}", variables)
        #expect(loaded.tree == nil)
        #expect(loaded.diagnostics.first?.message.contains("too many expansions") == true)
    }

    @Test func `the value of a variable is never quoted in a message`() async throws {
        let tree = try #require(await Self.load("${PASSWORD}", ["PASSWORD": "hunter2"]).tree)
        let messages = Number.decode(tree).diagnostics.map { "\($0)" }
        #expect(messages.count == 1)
        #expect(messages[0].contains("hunter2") == false)
    }

    @Test func `another provider can be handed in`() async {
        struct Vault: Provider {
            let scheme = "vault"
            func fetch(_ opaque: String) async throws(ProviderError) -> Fetched {
                Fetched("<\(opaque)>", from: ConfigurationSource(.remote, "vault:\(opaque)"), nature: .value)
            }
        }
        let loaded = await ConfigurationLoader.load(
            sources: ["yaml:field: ${vault:key}"],
            providers: ConfigurationLoader.standardProviders + [Vault()])
        #expect(loaded.tree?["field"]?.text == "<key>")
        #expect(loaded.tree?["field"]?.expandedFrom?.kind == .remote)
    }
}
