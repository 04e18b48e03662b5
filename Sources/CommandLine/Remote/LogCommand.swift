internal import ArgumentParser
internal import Glibc
internal import Pipeline
internal import Settings

/// `apus log`: what a component wrote to the log last.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show what a component of a running collector wrote to the log last.",
        discussion: """
              apus log exporter/otlp
              apus log receiver/otlp/edge --level warning --follow

            The last 256 records of a component are kept, up to 64 KiB; apus log-level says from which level \
            on there are any. With --follow and json there is one record a line. Ctrl-C ends it.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "The component: its kind, a slash, and its id as written in YAML.")
    var component: String

    @Option(help: ArgumentHelp("Only records of this level or a more severe one.", valueName: "level"))
    var level: String?

    @Flag(name: .shortAndLong, help: "Go on with what is written from now on.")
    var follow = false

    private var names: [String] { component.split(separator: "/", maxSplits: 1).map(String.init) }

    func validate() throws {
        guard names.count == 2 else {
            throw ValidationError(
                "a component is a kind and an id, such as exporter/otlp, not '\(component)'")
        }
    }

    func run() async throws {
        try await remote.run(format.output) { client in
            var path = AdminPath("/v1/log-records", names, ["level": level])
            guard follow else {
                let records = try await client.list(path, of: "records")
                if format.isJSON { return print(Tree.table(["records": .list(records)]).json()) }
                for record in records { show(record) }
                return
            }
            repeat {
                let answer = try await client.get(path).tree
                for record in answer.elements("records") { show(record) }
                path.query["after"] = next(after: answer, asked: path.query["after"])
            } while (try? await SystemClock().sleep(for: .seconds(1))) != nil
        }
    }

    /// The record after which the next question asks; none when the collector has begun again.
    private func next(after answer: Tree, asked: String?) -> String? {
        let newest = answer["last"]?.text.flatMap { Int($0) } ?? 0
        if newest < Int(asked ?? "") ?? 0 { return nil }
        guard answer["next_page_token"] != nil else { return String(newest) }
        return answer.elements("records").last?["id"]?.text ?? asked
    }

    private func show(_ record: Tree) {
        if format.isJSON {
            print(record.json())
        } else {
            let level = record.shown("level")
            let space = String(repeating: " ", count: max(10 - level.count, 2))
            let fields = (record["fields"]?.table ?? []).map { " \($0.key)=\($0.value.text ?? "")" }.joined()
            print(
                "\(PlainText.moment(record.shown("time")))  \(level)\(space)\(record.shown("message"))"
                    + PlainText.line(fields))
        }
        fflush(nil)
    }
}
