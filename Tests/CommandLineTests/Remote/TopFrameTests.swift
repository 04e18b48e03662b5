import Settings
import Testing

@testable import CommandLine

@Suite struct TopFrameTests {
    private static func view(pipelines: Int = 1, errors: Int = 0) throws -> CollectorView {
        CollectorView(
            build: try .yaml("{name: apus, version: 0.1.0}"),
            runtime: try .yaml("{ready: true, uptime: 3h2m1s, time: '2026-05-05T12:00:10Z'}"), state: .empty,
            components: try (0..<errors).map { number in
                try .yaml(
                    "{kind: exporter, id: otlp/\(number), status: {state: StatusRecoverableError, "
                        + "since: '2026-05-05T12:00:0\(number % 10)Z', error: refused}}")
            },
            pipelines: try (0..<pipelines).map { number in
                try .yaml(
                    """
                    {id: logs/\(number), signal: logs, held: 3, rates: {1s: {items: 1500.0, errors: 0.0}},
                     exporters: [
                      {id: otlp, rates: {1s: {items: 1200.0, errors: 2.0}}}]}
                    """)
            }, queues: [try .yaml("{exporter: otlp, signal: logs, size: 42, capacity: 100}")])
    }

    @Test func `a frame has the flow, the queue and what does not do as it should`() throws {
        var frame = TopFrame(try Self.view(errors: 1), address: "localhost:4319")
        frame.isLive = false
        let lines = frame.lines(size: (100, 24))
        #expect(
            lines.map(\.text) == [
                "apus 0.1.0 is ready, up 3h2m  12:00:10 UTC",
                "in 1.5k/s  out 1.2k/s  errors 2/s  held 3  localhost:4319", "",
                "PIPELINE  IN/S  OUT/S  ERRORS/S  QUEUE",
                "logs/0    1.5k   1.2k         2  [####......]  42%",
                "", "TROUBLE", "exporter otlp/0: recoverable error for 10s", "  refused",
            ])
        #expect(lines[4].style == .trouble)
        frame.failure = "nobody answers"
        #expect(frame.lines(size: (100, 24))[1] == TopFrame.Line(text: "nobody answers", style: .trouble))
    }

    @Test(arguments: [(80, 24), (40, 10), (20, 6), (10, 3)])
    func `a frame fits the terminal, and says what it leaves out`(columns: Int, rows: Int) throws {
        let frame = TopFrame(try Self.view(pipelines: 40, errors: 40), address: "localhost:4319")
        let lines = frame.lines(size: (columns, rows))
        #expect(lines.count <= rows)
        #expect(lines.allSatisfy { $0.text.count <= columns })
        if rows >= 10 { #expect(lines.contains { $0.text.contains("more") }) }
        if rows >= 24 { #expect(lines.contains { $0.text == "TROUBLE" }) }
    }

    @Test func `styles are those of terminals, and trouble is bold where there are no colours`() {
        func styled(_ style: TopFrame.Style, _ hasColours: Bool) -> String {
            TopFrame.Line(text: "x", style: style).styled(hasColours: hasColours)
        }
        #expect(styled(.plain, true) == "x")
        #expect(styled(.heading, true) == "\u{1B}[1mx\u{1B}[0m")
        #expect(styled(.quiet, true) == "\u{1B}[2mx\u{1B}[0m")
        #expect(styled(.trouble, true) == "\u{1B}[31mx\u{1B}[0m")
        #expect(styled(.trouble, false) == "\u{1B}[1mx\u{1B}[0m")
    }
}
