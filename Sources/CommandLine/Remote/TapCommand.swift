internal import ArgumentParser
internal import Glibc
internal import Settings

/// `apus tap`: telemetry as it passes.
struct TapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap",
        abstract: "Show telemetry as it passes through a pipeline of a running collector.",
        discussion: """
              apus tap traces
              apus tap logs --at after:batch --filter service.name=shop --for 30s
              apus tap metrics --limit 10 -o json | jq .

            Values of attributes whose names sound like a secret are hidden. The collector does not wait: \
            what is not read in time is skipped. JSON is OTLP/JSON, one message a line.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "The pipeline, such as traces or logs/audit.")
    var pipeline: String

    @Option(
        help: ArgumentHelp(
            "in for what comes in, after:PROCESSOR for what that hands on.", valueName: "place"))
    var at = "in"

    @Option(
        help: ArgumentHelp(
            "Only items with this attribute, their own or of their resource. May be repeated.",
            valueName: "name=value"))
    var filter: [String] = []

    @Option(help: ArgumentHelp("The share of batches to look at, up to 1.", valueName: "share"))
    var sample: Double?

    @Option(help: ArgumentHelp("Ends after this many items; 1000 without it.", valueName: "items"))
    var limit: Int?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Ends after this time, such as 30s, at most 10m; 1m without it.", valueName: "duration"))
    var time: String?

    func validate() throws {
        if let sample, !(sample > 0 && sample <= 1) { throw ValidationError("--sample is above 0, up to 1") }
        if let limit, !(1...100_000).contains(limit) { throw ValidationError("--limit is 1 to 100000") }
        if let time, Duration(goSyntax: time) ?? .zero <= .zero {
            throw ValidationError("--for takes a duration such as 30s, not '\(time)'")
        }
        for pair in filter where !pair.contains("=") {
            throw ValidationError("--filter takes name=value, not '\(pair)'")
        }
    }

    func run() async throws {
        let path = AdminPath(
            "/v1/tap", [],
            [
                "pipeline": pipeline, "at": at,
                "filter": filter.isEmpty ? nil : filter.joined(separator: ","),
                "sample": sample.map { "\($0)" }, "limit": limit.map { "\($0)" }, "for": time,
            ])
        try await remote.run(format.output) { client in
            try await client.follow(path) { event in
                show(event)
                return event.kind != "end"
            }
        }
    }

    private func show(_ event: ServerSentEvent) {
        let tree = AdminAnswer(status: 200, text: event.data).tree
        guard event.kind != "end" else {
            return Report.write(
                "\(tree.shown("shown_items")) items shown, \(tree.shown("seen_items")) seen, "
                    + "\(tree.shown("skipped_items")) skipped (\(tree.shown("reason")))\n")
        }
        if format.isJSON {
            print(event.data)
        } else {
            for line in TelemetryText.lines(tree) { print(line) }
        }
        fflush(nil)
    }
}
