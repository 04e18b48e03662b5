internal import ArgumentParser

/// `apus ottl`: the OpenTelemetry Transformation Language, away from a collector.
struct OTTLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ottl",
        abstract: "Check statements of the transformation language, and try them on telemetry.",
        discussion: """
              apus ottl check 'set(span.name, "x") where span.kind == SPAN_KIND_SERVER'
              apus ottl check --condition --context log 'severity_number < SEVERITY_NUMBER_WARN'
              apus ottl eval --input traces.json 'delete_key(span.attributes, "secret")'

            Without --context it is inferred from the paths (span.name), and for `eval` from the telemetry.
            """,
        subcommands: [OTTLCheckCommand.self, OTTLEvalCommand.self])
}
