import Settings
import Testing

/// Durations in Go's syntax.
@Suite struct DurationTests {
    @Test(
        arguments: [
            ("0", .zero, "0s"), ("0s", .zero, "0s"), ("5s", .seconds(5), "5s"),
            ("200ms", .milliseconds(200), "200ms"),
            ("1h2m3s", .seconds(3723), "1h2m3s"), ("1.5h", .seconds(5400), "1h30m"),
            ("90s", .seconds(90), "1m30s"),
            ("-1.5s", .milliseconds(-1500), "-1.5s"), ("+1us", .microseconds(1), "1us"),
            ("1µs", .microseconds(1), "1us"), ("1.5µs", .nanoseconds(1500), "1.5us"),
            ("10ns", .nanoseconds(10), "10ns"),
            (".5s", .milliseconds(500), "500ms"), ("1.s", .seconds(1), "1s"), ("24h", .seconds(86400), "24h"),
            ("1h0.001s", .milliseconds(3_600_001), "1h0.001s"), ("0.1s", .milliseconds(100), "100ms"),
        ] as [(String, Duration, String)])
    func `a duration is read and written`(text: String, duration: Duration, written: String) {
        #expect(Duration(goSyntax: text) == duration)
        #expect(duration.goSyntax == written)
        #expect(Duration(goSyntax: written) == duration)
    }

    @Test(arguments: [
        "", "-", "5", "s", "5 s", "5x", ".s", "5s ", "1d", "1h-5m", "9999999999999h", "1..5s", "0x5s", "٣s",
    ])
    func `what is no duration is refused`(text: String) { #expect(Duration(goSyntax: text) == nil) }

    @Test(
        arguments: [
            ("0", 0, "0"), ("1024", 1024, "1KiB"), ("1000", 1000, "1000"), ("64MiB", 64 << 20, "64MiB"),
            ("64 mib", 64 << 20, "64MiB"), ("1.5KiB", 1536, "1536"), ("2GB", 2_000_000_000, "2000000000"),
            ("7B", 7, "7"), ("1_000", 1000, "1000"), ("3TiB", 3 << 40, "3TiB"),
        ])
    func `a number of bytes is read and written`(text: String, bytes: Int, written: String) {
        #expect(ByteCount(text)?.bytes == bytes)
        #expect(ByteCount(bytes).description == written)
    }

    @Test(arguments: ["", "-1", "MiB", "1 XB", "1.2.3", "9999999999TiB", "1e3"])
    func `what is no number of bytes is refused`(text: String) { #expect(ByteCount(text) == nil) }
}
