internal import ArgumentParser
internal import Pipeline
internal import Telemetry

/// `apus components`: what can be used in a configuration.
struct ComponentsCommand: ParsableCommand {
    /// How the list is printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, yaml
    }

    static let configuration = CommandConfiguration(
        commandName: "components", abstract: "List the components of this build.")

    @Option(name: [.short, .long], help: "How to print the list: table or yaml.")
    var output = Format.table

    func run() {
        switch output {
        case .table: printTable()
        case .yaml: printYAML()
        }
    }

    private func printTable() {
        for kind in ComponentKind.allCases {
            let types = sorted(kind)
            guard !types.isEmpty else { continue }
            print("\(kind.section.uppercased())")
            for type in types {
                let name = ([type.name] + type.aliases).joined(separator: ", ")
                let signals =
                    kind == .extension ? "" : type.signals.map { $0.rawValue }.joined(separator: " ")
                print("  " + padded(name, 24) + padded(signals, 32) + type.summary)
            }
            print("")
        }
        print("Every key of a component: apus schema <kind> <name>")
    }

    private func printYAML() {
        print("buildinfo:\n  command: apus\n  description: Apus\n  version: \(Version.current)")
        for kind in ComponentKind.allCases {
            print("\(kind.section):")
            for type in sorted(kind) {
                print("  - name: \(type.name)")
                if !type.aliases.isEmpty { print("    aliases: [\(type.aliases.joined(separator: ", "))]") }
                print("    summary: \"\(type.summary)\"")
                guard kind != .extension else { continue }
                print("    signals: [\(type.signals.map { $0.rawValue }.joined(separator: ", "))]")
            }
        }
    }

    private func sorted(_ kind: ComponentKind) -> [any Component.Type] {
        Distribution.catalog.types(of: kind).sorted { $0.name < $1.name }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
