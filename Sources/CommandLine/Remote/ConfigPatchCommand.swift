internal import ArgumentParser

/// `apus config patch`: a part of another configuration.
struct ConfigPatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch", abstract: "Change parts of the configuration while the collector runs.",
        discussion: """
            A map is merged, and null removes a key (RFC 7396); a list holds operations (RFC 6902):

              echo 'processors: {batch: {timeout: 2s}}' | apus config patch -
              echo '[{op: remove, path: /service/pipelines/traces/processors/0}]' | apus config patch -
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var change: ChangeOptionGroup
    @OptionGroup var format: OutputOptions

    @Argument(help: "The patch, in YAML or JSON; - for standard input.")
    var file: String

    func run() async throws {
        let document = try AdminDocument.patch(file)
        try await remote.run(format.output, document) { client in
            try await change.send("PATCH", document, client, format)
        }
    }
}
