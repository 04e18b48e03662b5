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
    private struct State {
        var extensions: [ComponentID: any Extension]
        var asked: Set<ComponentID> = []
    }

    private let state: Mutex<State>

    init(_ extensions: [ComponentID: any Extension]) {
        state = Mutex(State(extensions: extensions))
    }

    /// The extension called `id`, if the configuration enables it.
    func find(_ id: ComponentID) -> (any Extension)? {
        state.withLock { state in
            state.asked.insert(id)
            return state.extensions[id]
        }
    }

    /// Forgets the extensions that nobody has asked for by the end of the start: a component that goes on
    /// must not keep those alive that are replaced.
    func seal() {
        state.withLock { state in
            state.extensions = state.extensions.filter { state.asked.contains($0.key) }
        }
    }

    /// Extensions without which the component would be another one.
    var used: Set<ComponentID> { state.withLock { $0.asked } }
}
