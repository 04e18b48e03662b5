import Testing
import Wire

@Suite struct PercentDecodingTests {
    @Test(arguments: [("", ""), ("a", "a"), ("%41%e2%82%AC", "A€"), ("a%20b+c", "a b+c"), ("%2541", "%41")])
    func `escapes stand for their bytes`(text: String, meant: String) {
        #expect(PercentDecoding.lenient(text) == meant)
        #expect(PercentDecoding.strict(text) == Array(meant.utf8))
    }

    @Test func `a plus is a space where it is asked for`() {
        #expect(PercentDecoding.lenient("a+b%2Bc", plusIsSpace: true) == "a b+c")
        #expect(PercentDecoding.strict("a+b%2Bc", plusIsSpace: true) == Array("a b+c".utf8))
    }

    @Test(arguments: ["%", "%4", "a%", "%+1", "%-0", "% 1", "%4g", "%g4", "%%41"])
    func `what is no escape is itself or refused`(text: String) {
        let meant = text == "%%41" ? "%A" : text
        #expect(PercentDecoding.lenient(text) == meant)
        #expect(PercentDecoding.strict(text) == nil)
    }
}
