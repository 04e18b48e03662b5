internal import ArgumentParser
internal import Engine

/// `apus version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version and the build.")

    func run() {
        print("apus \(Version.current) (linux/\(BuildFacts.architecture), Swift \(BuildFacts.swift))")
    }
}
