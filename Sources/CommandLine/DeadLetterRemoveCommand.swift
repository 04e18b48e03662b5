internal import ArgumentParser
internal import Delivery
internal import Engine
internal import Logging
internal import Pipeline

/// `apus dead-letter remove`: forgets dead letters.
struct DeadLetterRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove dead letters for good; the collector must not be running.")

    @OptionGroup var storage: StorageArgument

    @Argument(help: "The ids that `list` shows.")
    var ids: [String] = []

    @Flag(help: "Remove every dead letter in the storage.")
    var all = false

    func validate() throws {
        guard ids.isEmpty == all else { throw ValidationError("name the dead letters, or give --all") }
    }

    func run() async throws {
        do throws(DeadLetterError) {
            let chosen = all ? try storage.archive.list().letters.map { $0.id } : ids
            try await storage.archive.remove(
                chosen, clock: SystemClock(), logger: LogOutput(level: .warning).logger())
            print("removed \(Set(chosen).count) dead letter\(Set(chosen).count == 1 ? "" : "s")")
        } catch {
            throw error.reported()
        }
    }
}
