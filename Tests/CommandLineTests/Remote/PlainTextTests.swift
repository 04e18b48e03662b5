import Testing

@testable import CommandLine

@Suite struct PlainTextTests {
    @Test(
        arguments: [
            (0, "0"), (0.04, "0"), (0.5, "0.5"), (99.9, "99.9"), (99.96, "100"), (120, "120"), (999.4, "999"),
            (999.6, "1k"), (12_345, "12.3k"), (999_960, "1M"), (4_500_000, "4.5M"), (2e9, "2G"),
        ] as [(Double, String)])
    func `a number is short`(number: Double, text: String) { #expect(PlainText.short(number) == text) }

    @Test(arguments: [
        (-5, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (61, "1m1s"), (3600, "1h"), (10_921, "3h2m"),
        (86_400, "1d"), (187_200, "2d4h"),
    ])
    func `a length of time has two units at most`(seconds: Int, text: String) {
        #expect(PlainText.time(seconds: seconds) == text)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00.123Z", 951_825_600),
            ("2026-05-05T11:50:36Z", 1_777_981_836), ("2026-05-05", nil), ("2026-05-05T11:50:36+02:00", nil),
            ("", nil), ("yesterday at noon, or so, Z", nil),
        ] as [(String, Int?)])
    func `a time is understood in UTC only`(text: String, seconds: Int?) {
        #expect(PlainText.seconds(text) == seconds)
    }

    @Test func `an age needs both times`() {
        #expect(PlainText.age("1970-01-01T00:01:00Z", at: 90) == "30s")
        #expect(PlainText.age(nil, at: 90) == "")
        #expect(PlainText.age("1970-01-01T00:01:00Z", at: nil) == "")
    }

    @Test(arguments: [
        ("StatusOK", "ok"), ("StatusRecoverableError", "recoverable error"), ("Starting", "starting"),
        ("", ""),
    ])
    func `a status is words`(name: String, words: String) { #expect(PlainText.status(name) == words) }

    @Test func `what senders say does nothing to a terminal`() {
        #expect(PlainText.line("a\u{1B}[31mb\r\n\u{7}c\u{9B}2Jé") == "a [31mb   c 2Jé")
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abc", 1, "…"), ("abc", 0, ""), ("ééé", 2, "é…"),
    ])
    func `what is too long ends with a mark`(text: String, width: Int, cut: String) {
        #expect(PlainText.cut(text, to: width) == cut)
    }
}
