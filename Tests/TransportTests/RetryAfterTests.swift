import Testing

@testable import Transport

@Suite struct RetryAfterTests {
    /// 1994-11-06T08:49:07Z.
    private let now = 784_111_747

    @Test(arguments: [
        ("0", Duration.zero), ("120", .seconds(120)), ("999999999999", .seconds(86_400)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(30)), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
    ])
    func `seconds and dates are understood`(value: String, delay: Duration) {
        #expect(RetryAfter.delay(value, now: now) == delay)
    }

    @Test(arguments: [
        "", "soon", "-5", "1.5", "Sun, 06 Nov 1994 08:49:07 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov -2147483648 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "99999999999999999999",
    ])
    func `anything else is ignored`(value: String) {
        #expect(RetryAfter.delay(value, now: now) == nil)
    }

    @Test func `no delay is negative or longer than a day`() {
        #expect(RetryAfter.bounded(.seconds(-3)) == .zero)
        #expect(RetryAfter.bounded(.seconds(Int64.max)) == .seconds(86_400))
    }
}
