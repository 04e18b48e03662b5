internal import ArgumentParser
internal import Delivery
internal import Settings

/// `apus dead-letter list`: what there is and why.
struct DeadLetterListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters, by exporter and signal, the oldest first.")

    @OptionGroup var storage: StorageArgument

    @Option(help: ArgumentHelp("Only those of this exporter, as written in YAML.", valueName: "id"))
    var exporter: String?

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() throws {
        let letters: [DeadLetter]
        do throws(DeadLetterError) {
            let found = try storage.archive.list(exporter: exporter)
            for problem in found.problems { Report.write("warning: \(problem)\n") }
            letters = found.letters
        } catch {
            throw error.reported()
        }
        guard !json else {
            return print(Tree.list(letters.map { DeadLetterText.tree(of: $0) }).json(pretty: true))
        }
        guard !letters.isEmpty else { return print("no dead letters") }
        for line in DeadLetterText.table(of: letters) { print(line) }
        let items = letters.reduce(0) { $0 + $1.itemCount }
        print("\n\(letters.count) dead letter\(letters.count == 1 ? "" : "s") with \(items) items")
    }
}
