internal import Pipeline
internal import Settings
internal import Synchronization
internal import Telemetry
internal import Transport

/// What makes a component the one it is: with another identity it is another object.
struct ComponentIdentity: Sendable, Equatable {
    /// The name of its type, so that an alias is no difference.
    let type: String
    /// Its settings with every default.
    let settings: Tree?
    /// The signals of the pipelines that name it, for receivers, which open what these need.
    var signals: Set<Signal> = []
}

/// A component as it was built, apart from the object itself.
struct ComponentRecord: Sendable {
    let kind: ComponentKind
    let id: ComponentID
    let identity: ComponentIdentity
    /// Counts the instances that the id has had.
    let instance: Int
    /// What it found out about others while it was built and while it runs.
    let lookup: ExtensionLookup
    /// What it listens through.
    let listeners: ListenerShare
}

/// A component that exists once, and who it is.
struct Built<Instance: Sendable>: Sendable {
    let record: ComponentRecord
    let component: Instance
    var id: ComponentID { record.id }
}

/// The extensions that one component may ask for, and those it has asked for.
final class ExtensionLookup: Sendable {
    private let extensions: [ComponentID: any Extension]
    private let asked = Mutex<Set<ComponentID>>([])

    init(_ extensions: [ComponentID: any Extension]) {
        self.extensions = extensions
    }

    /// The extension called `id`, if the configuration enables it.
    func find(_ id: ComponentID) -> (any Extension)? {
        asked.withLock { _ = $0.insert(id) }
        return extensions[id]
    }

    /// Extensions without which the component would be another one.
    var used: Set<ComponentID> { asked.withLock { $0 } }
}
