import Testing

@testable import Transport

@Suite struct GRPCTextTests {
    @Test(arguments: ["", "plain", "100 %", "zwei\nZeilen", "größer", "%41", "%zz", "日本"])
    func `messages survive escaping`(text: String) {
        let escaped = GRPCText.percentEncoded(text)
        #expect(escaped.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E })
        #expect(GRPCText.percentDecoded(escaped) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "a%"])
    func `broken escapes stand for themselves`(text: String) {
        #expect(GRPCText.percentDecoded(text) == text)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 is that of RFC 4648 without padding`(text: String, encoded: String) {
        #expect(GRPCText.base64(Array(text.utf8)) == encoded)
        #expect(GRPCText.base64Decoded(encoded) == Array(text.utf8))
        let padding = String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
        #expect(GRPCText.base64Decoded(encoded + padding) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zm9v!", "Zg===", "=", "Z g"])
    func `what is not base64 is refused`(text: String) {
        #expect(GRPCText.base64Decoded(text) == nil)
    }

    @Test(arguments: [
        ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
        ("5u", .microseconds(5)), ("99999999n", .nanoseconds(99_999_999)),
    ])
    func `timeouts have a number and a unit`(text: String, expected: Duration) {
        #expect(GRPCTimeout.parse(text) == expected)
    }

    @Test(arguments: ["", "S", "1", "123456789S", "-1S", "1.5S", "1 S", "1x", "+1S"])
    func `other timeouts are refused`(text: String) {
        #expect(GRPCTimeout.parse(text) == nil)
    }

    @Test(arguments: [
        Duration.seconds(5), .milliseconds(1), .nanoseconds(1), .seconds(100_000), .seconds(10_000_000_000),
        .zero, .milliseconds(1500), .seconds(86_400) + .nanoseconds(1),
    ])
    func `a written timeout is never shorter than it was, and hardly longer`(timeout: Duration) throws {
        let text = GRPCTimeout.format(timeout)
        let read = try #require(GRPCTimeout.parse(text))
        #expect(read >= timeout)
        #expect(read <= timeout + timeout / 1_000_000 + .nanoseconds(1))
    }
}
