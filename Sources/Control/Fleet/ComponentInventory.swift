internal import Engine
internal import Pipeline
internal import Settings
internal import Synchronization
internal import Telemetry
internal import Wire

/// The components of a build as others are told of them; put together when somebody asks first.
final class ComponentInventory: Sendable {
    private let catalog: ComponentCatalog
    private let version: String
    private let known = Mutex<CollectorComponents?>(nil)

    init(_ catalog: ComponentCatalog, version: String) {
        self.catalog = catalog
        self.version = version
    }

    var components: CollectorComponents {
        known.withLock { known in
            if let known { return known }
            let made = make()
            known = made
            return made
        }
    }

    private func make() -> CollectorComponents {
        let sections = ComponentKind.allCases.map { kind in
            CollectorComponents.Section(
                name: kind.section,
                components: catalog.types(of: kind).map { type in Self.component(kind, type) }
                    .sorted { $0.type < $1.type })
        }
        var content = "\(version)\n"
        for section in sections {
            content += "\(section.name)\n"
            for component in section.components {
                content += "\(component.type)\n"
                for fact in component.metadata { content += "\(fact.name) \(fact.value)\n" }
            }
        }
        return CollectorComponents(
            sections: sections, hash: Hexadecimal.bytes(of: Digest.sha256(content)) ?? [])
    }

    private static func component(
        _ kind: ComponentKind, _ type: any Component.Type
    ) -> CollectorComponents.Component {
        var metadata = [
            (name: "summary", value: type.summary),
            (name: "schema", value: ComponentDocumentation(kind, type).schema.json()),
        ]
        if !type.aliases.isEmpty { metadata.append(("aliases", type.aliases.joined(separator: ","))) }
        if kind != .extension {
            let signals = type.signals.map { signal in signal.rawValue }
            metadata.append(("signals", signals.joined(separator: ",")))
        }
        return CollectorComponents.Component(type: type.name, metadata: metadata)
    }
}
