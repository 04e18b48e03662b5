import OTTL
import Testing
import Wire

@Suite struct ValueTests {
    @Test func `a map keeps the order of its keys and has each key once`() {
        var map = ValueMap()
        map["b"] = .int(1)
        map["a"] = .int(2)
        map["b"] = .int(3)
        #expect(map.entries.map { $0.key.string } == ["b", "a"])
        if case .int(let value)? = map["b"] { #expect(value == 3) } else { Issue.record("no b") }
        map["b"] = nil
        #expect(map.count == 1)
    }
}
