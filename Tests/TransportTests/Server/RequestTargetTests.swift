import Testing

@testable import Transport

@Suite struct RequestTargetTests {
    @Test(
        arguments: [
            ("/a", "/a", nil), ("/a?b=c?d", "/a", "b=c?d"), ("/a?", "/a", ""), ("*", "*", nil),
        ] as [(String, String, String?)])
    func `a target is a path and a query`(target: String, path: String, query: String?) {
        let split = RequestTarget.split(target)
        #expect(split.path == path)
        #expect(split.query == query)
    }

    @Test(arguments: [("http://host:1/a/b?c", "/a/b?c"), ("http://host", "/"), ("/x", "/x"), ("*", "*")])
    func `a whole URL stands for its path`(target: String, expected: String) {
        #expect(RequestTarget.originForm(target) == expected)
    }
}
