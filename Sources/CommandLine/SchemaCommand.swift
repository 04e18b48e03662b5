internal import ArgumentParser
internal import Engine
internal import Glibc
internal import OTTL
internal import Pipeline
internal import Settings

/// `apus schema`: the keys of a component, or of the whole configuration, from the declarations in the code.
struct SchemaCommand: ParsableCommand {
    /// What is printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case reference, json
    }

    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the keys of a component, or the JSON Schema of everything.",
        discussion: """
            apus schema receiver otlp            commented YAML with every key and its default
            apus schema -o json receiver otlp    JSON Schema (2020-12) of one component
            apus schema -o json                  JSON Schema of a whole configuration, for editors
            apus schema --directory DIR          one reference page for each component, and OTTL's functions
            """)

    @ArgumentParser.Argument(help: "receiver, processor, exporter, connector, extension or service.")
    var kind: String?

    @ArgumentParser.Argument(help: "The component, as written in YAML.")
    var name: String?

    @Option(name: [.short, .long], help: "What to print: reference or json.")
    var output = Format.reference

    @Option(help: "Write the reference page of every component into this directory.")
    var directory: String?

    func run() throws {
        let catalog = Distribution.catalog
        if let directory {
            let functions = (name: FunctionReference.pageName, text: FunctionReference.page())
            let pages = ConfigurationDocumentation(catalog: catalog).pages + [functions]
            return try write(pages, to: directory)
        }
        switch (kind, output) {
        case (nil, .json): print(ConfigurationDocumentation(catalog: catalog).schema.json(pretty: true))
        case (nil, .reference): throw ValidationError("name a component, or ask for -o json")
        case ("service", .json): print(ConfigurationDocumentation.serviceSchema.json(pretty: true))
        case ("service", .reference): print(ConfigurationDocumentation.servicePage, terminator: "")
        case (let kind?, .json): print(try component(kind, catalog).schema.json(pretty: true))
        case (let kind?, .reference): print(try component(kind, catalog).page, terminator: "")
        }
    }

    private func component(_ kind: String, _ catalog: ComponentCatalog) throws -> ComponentDocumentation {
        guard let kind = ComponentKind.allCases.first(where: { $0.rawValue == kind || $0.section == kind })
        else {
            throw ValidationError("'\(kind)' is not a kind of component")
        }
        guard let name, let type = catalog.type(of: kind, named: name) else {
            let names = catalog.types(of: kind).map { type in type.name }.sorted()
            throw ValidationError("name a \(kind.rawValue): \(names.joined(separator: ", "))")
        }
        return ComponentDocumentation(kind, type)
    }

    private func write(_ pages: [(name: String, text: String)], to directory: String) throws {
        for page in pages {
            let path = directory + "/" + page.name
            guard let file = fopen(path, "w") else { throw failure(path) }
            let isWritten = fputs(page.text, file) >= 0
            // What is left in the buffer may be refused by a full disk.
            guard fclose(file) == 0, isWritten else { throw failure(path) }
        }
    }

    private func failure(_ path: String) -> ValidationError {
        ValidationError("cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
