internal import ArgumentParser
internal import Delivery
internal import Settings
internal import Telemetry
internal import Wire

/// `apus dead-letter show`: one dead letter with its telemetry.
struct DeadLetterShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a dead letter with its telemetry as OTLP JSON.")

    @OptionGroup var storage: StorageArgument

    @Argument(help: "The id that `list` shows; its last part is enough when no other ends like it.")
    var id: String

    @Flag(help: "Print one JSON object, with the telemetry as a list of OTLP requests.")
    var json = false

    func run() throws {
        let found: (letter: DeadLetter, batch: Batch)
        do throws(DeadLetterError) {
            found = try storage.archive.read(id)
        } catch {
            throw error.reported()
        }
        guard !json else {
            let facts = DeadLetterText.tree(of: found.letter).json()
            let requests = Self.requests(of: found.batch).joined(separator: ",")
            return print(#"{"letter":\#(facts),"telemetry":[\#(requests)]}"#)
        }
        for line in DeadLetterText.facts(of: found.letter) { print(line) }
        print("")
        for request in Self.requests(of: found.batch) { print(request) }
    }

    /// The batch as JSON: one request, but for profiles, whose parts cannot be joined.
    private static func requests(of batch: Batch) -> [String] {
        guard batch.signal == .profiles else { return [OTLPJSON.write(batch).string] }
        return batch.chunks.map { OTLPJSON.write($0, as: batch.signal).string }
    }
}
