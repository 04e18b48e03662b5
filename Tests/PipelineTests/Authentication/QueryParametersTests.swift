import Testing

@testable import Pipeline

@Suite struct QueryParametersTests {
    @Test(arguments: [
        ("a=1", "1"), ("b=2&a=1", "1"), ("a=1&a=2", "1"), ("a=%41+%2B", "A +"), ("a=x=y", "x=y"), ("a", ""),
        ("a=%4", "%4"), ("a=%zz", "%zz"), ("a=%+1", "% 1"), ("%61=v", "v"), ("A=1", nil), ("", nil),
        ("&&", nil),
    ])
    func `a parameter is found and decoded`(query: String, value: String?) {
        #expect(QueryParameters(query)["a"] == value)
    }
}
