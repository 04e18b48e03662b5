import OTTL
import Settings
import Testing

@Suite struct StatementSourceTests {
    struct Rules: SettingGroup {
        var statements: [StatementSource] = []
        init() {}
        static let fields: [Field<Self>] = [Field("statements", \.statements, "What to do.")]
    }

    @Test(arguments: [
        ("statements:\n  - set(nam, 1)\n", "f:2:9"), ("statements:\n  - 'set(nam, 1)'\n", "f:2:5"),
        ("statements:\n  -    sett()\n", "f:2:8"),
    ])
    func `a mistake is told at its column`(_ yaml: String, _ place: String) throws {
        let source = try #require(try Rules.decode(yaml: yaml, name: "f").statements.first)
        do throws(OTTLError) {
            _ = try Statement(parsing: source.text, context: .span, functions: TestFunctions.set)
            Issue.record("no mistake")
        } catch {
            let diagnostic = source.diagnostic(error, path: ["statements"])
            #expect("\(diagnostic)".hasPrefix("\(place): statements: column "))
        }
    }
}
