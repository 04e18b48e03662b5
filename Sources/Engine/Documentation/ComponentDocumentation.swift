public import Pipeline
public import Settings
internal import Telemetry

/// What the program can say about one component, from its declaration.
public struct ComponentDocumentation: Sendable {
    private let kind: ComponentKind
    private let type: any Component.Type

    public init(_ kind: ComponentKind, _ type: any Component.Type) {
        self.kind = kind
        self.type = type
    }

    /// The name of the page under `config/reference`.
    public var fileName: String { "\(kind.rawValue)-\(type.name).yaml" }

    /// Commented YAML with every key and its default.
    public var page: String { type.referencePage(kind) }

    /// The JSON Schema (2020-12) of the component's settings.
    public var schema: Tree { type.schemaDocument }
}

extension Component {
    fileprivate static func referencePage(_ kind: ComponentKind) -> String {
        var title = "\(kind.rawValue) \(name)\n\(summary)"
        if kind != .extension {
            title += "\nSignals: \(signals.map { $0.rawValue }.joined(separator: ", "))."
        }
        if !aliases.isEmpty { title += "\nEarlier names: \(aliases.joined(separator: ", "))." }
        if !differences.isEmpty { title += "\nDifferences from otelcol:" }
        for difference in differences { title += "\n- \(difference)" }
        return Configuration.referencePage(title: title)
    }

    fileprivate static var schemaDocument: Tree { Configuration.schemaDocument(title: "\(name): \(summary)") }

    fileprivate static var configurationSchema: Tree { Configuration.schema }
}

/// What the program can say about a whole configuration.
public struct ConfigurationDocumentation: Sendable {
    private let catalog: ComponentCatalog

    public init(catalog: ComponentCatalog) {
        self.catalog = catalog
    }

    /// The pages of `config/reference` by file name, the section `service` included.
    public var pages: [(name: String, text: String)] {
        let components = ComponentKind.allCases.flatMap { kind in
            catalog.types(of: kind).map { type in ComponentDocumentation(kind, type) }
        }
        return components.map { ($0.fileName, $0.page) } + [("service.yaml", Self.servicePage)]
    }

    /// The page of the section `service`.
    public static var servicePage: String {
        ServiceSettings.referencePage(
            title: "service\nWhat is switched on, how it is joined, and the collector's own telemetry.")
    }

    /// The schema of the section `service`.
    public static var serviceSchema: Tree { ServiceSettings.schemaDocument(title: "service") }

    /// The JSON Schema (2020-12) of a configuration with the components of the catalog.
    public var schema: Tree {
        var properties = ComponentKind.allCases.map { Tree.Entry($0.section, section($0)) }
        properties.append(Tree.Entry("service", ServiceSettings.schema))
        return .table([
            "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
            "title": .text("Apus configuration"),
            "type": .text("object"),
            "properties": Tree(.table(properties)),
            "required": .list([.text("service")]),
            "additionalProperties": .bool(false),
        ])
    }

    private func section(_ kind: ComponentKind) -> Tree {
        // A component is recognised by the part of its id before the slash.
        let patterns = catalog.types(of: kind).map { type in
            let names = ([type.name] + type.aliases).joined(separator: "|")
            return Tree.Entry("^(\(names))(/.+)?$", Self.orNothing(type))
        }
        return .table([
            "type": .list([.text("object"), .text("null")]),
            "patternProperties": Tree(.table(patterns)),
            "additionalProperties": .bool(false),
        ])
    }

    private static func orNothing(_ type: any Component.Type) -> Tree {
        .table(["anyOf": .list([.table(["type": .text("null")]), type.configurationSchema])])
    }
}
