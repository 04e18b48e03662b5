import Pipeline
import Testing
import Transport

@Suite struct SecretEchoTests {
    @Test func `values that were sent are taken out, with and without their scheme`() {
        let sent: HTTPFields = ["authorization": "Bearer tok-12345", "content-type": "text/plain"]
        let text = "wrong: Bearer tok-12345, that is tok-12345, as text/plain"
        let shown = SecretEcho.removed(from: text, sent: sent, plain: ["content-type": "text/plain"])
        #expect(shown == "wrong: ***, that is ***, as text/plain")
    }

    @Test func `what is too short to be recognized stays`() {
        #expect(SecretEcho.removed(["a", "abc"], from: "a cab: abc") == "a cab: abc")
    }

    @Test func `the longest secret is taken out first`() {
        #expect(SecretEcho.removed(["abcd", "abcdef"], from: "abcdef abcd") == "*** ***")
    }
}
