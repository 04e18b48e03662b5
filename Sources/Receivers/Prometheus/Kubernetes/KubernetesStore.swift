internal import Synchronization

/// The objects that are known, by kind and key.
final class KubernetesStore: Sendable {
    /// Objects of all kinds that are kept.
    static let limit = 200_000

    private struct State {
        var objects: [KubernetesKind: [String: KubernetesObject]] = [:]
        /// Lists that are complete, by kind and namespace.
        var complete: Set<String> = []
        var count = 0
        var isFull = false
    }

    private let state = Mutex(State())

    /// The objects of a kind, by key.
    func objects(_ kind: KubernetesKind) -> [String: KubernetesObject] {
        state.withLock { $0.objects[kind] ?? [:] }
    }

    /// Whether objects were left out because there are too many.
    var isFull: Bool { state.withLock { $0.isFull } }

    /// How many lists have been read once.
    var completeCount: Int { state.withLock { $0.complete.count } }

    /// Replaces what is known of a kind in a namespace, or everywhere.
    func replace(_ kind: KubernetesKind, in namespace: String?, with objects: [KubernetesObject]) {
        state.withLock { state in
            var known = state.objects[kind] ?? [:]
            let before = known.count
            if let namespace {
                known = known.filter { $0.value.namespace != namespace }
            } else {
                known = [:]
            }
            for object in objects {
                guard state.count - before + known.count < Self.limit else {
                    state.isFull = true
                    break
                }
                known[object.key] = object
            }
            state.count += known.count - before
            state.objects[kind] = known
            state.complete.insert("\(kind.rawValue)/\(namespace ?? "")")
        }
    }

    /// Takes an object that is new or has changed.
    func put(_ kind: KubernetesKind, _ object: KubernetesObject) {
        state.withLock { state in
            let isNew = state.objects[kind]?[object.key] == nil
            guard !isNew || state.count < Self.limit else {
                state.isFull = true
                return
            }
            state.objects[kind, default: [:]][object.key] = object
            if isNew { state.count += 1 }
        }
    }

    /// Forgets an object.
    func remove(_ kind: KubernetesKind, _ object: KubernetesObject) {
        state.withLock { state in
            if state.objects[kind]?.removeValue(forKey: object.key) != nil { state.count -= 1 }
        }
    }
}
