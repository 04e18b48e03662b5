import FleetModel
import Testing

@Suite struct SelectorTests {
    static let labels = ["env": "prod", "region": "eu", "canary": ""]

    @Test(arguments: [
        "", " ", "env=prod", "env==prod", "env = prod , region in (us, eu)", "region notin (us)", "zone!=a",
        "canary", "!legacy", "env=prod,!legacy,canary", "canary=",
    ])
    func `what holds is chosen`(text: String) throws {
        #expect(try Selector(parsing: text).matches(Self.labels))
    }

    @Test(arguments: [
        "env=test", "env!=prod", "region in (us)", "region notin (eu)", "!canary", "zone", "zone=a",
    ])
    func `what does not hold is not`(text: String) throws {
        #expect(try !Selector(parsing: text).matches(Self.labels))
    }

    @Test(arguments: ["=", "a in b", "a in (b", "a like (b)", ",", "a=b,", "a b", "a=(", "ä=1"])
    func `what is no selector is refused`(text: String) {
        #expect(throws: SelectorError.self) { try Selector(parsing: text) }
    }
}
