import Settings
import Testing

/// What the parts of a configuration look like when they are read together.
@Suite struct SettingsTests {
    struct Retry: SettingGroup, Equatable {
        var attempts = 3
        var wait = Duration.seconds(5)
        init() {}
        static let fields: [Field<Self>] = [
            Field("attempts", \.attempts, "How often to try.") {
                (1...10).contains($0) ? nil : "must be 1 to 10"
            },
            Field("wait", \.wait, "How long to wait between attempts.", aliases: ["pause"]),
        ]
    }

    struct Section: SettingGroup, Equatable {
        var endpoint = ""
        var retry = Retry()
        init() {}
        static let fields: [Field<Self>] = [
            Field("endpoint", \.endpoint, "Where to send to.", required: true),
            Field("retry", \.retry, "What to do after a failure."),
        ]
    }

    @Test func `every mistake is reported at its place, in file order`() {
        let text = """
            endpont: localhost
            retry:
              atempts: 4
              attempts: 40
              wait: x
            """
        let error = #expect(throws: InvalidSettings.self) { try Section.decode(yaml: text, name: "a.yaml") }
        #expect(
            error?.description == """
                a.yaml:1:1: endpont: unknown key 'endpont' (did you mean 'endpoint'?)
                a.yaml:1:1: missing required key 'endpoint'
                a.yaml:3:3: retry::atempts: unknown key 'atempts' (did you mean 'attempts'?)
                a.yaml:4:13: retry::attempts: must be 1 to 10
                a.yaml:5:9: retry::wait: must be a duration such as 200ms, 5s or 1h30m, not 'x'
                """)
    }
}
