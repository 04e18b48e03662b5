internal import Synchronization

/// The objects that are known, by kind and key.
final class KubernetesStore: Sendable {
    /// What may be kept: objects of all kinds, and about how many bytes of them.
    struct Limits: Sendable, CustomStringConvertible {
        var objects = 200_000
        var bytes = 512 << 20

        var description: String { "\(objects) objects with \(bytes >> 20) MiB are kept" }
    }

    private struct State {
        let limits: Limits
        var objects: [KubernetesKind: [String: KubernetesObject]] = [:]
        /// Lists that are complete, by kind and namespace.
        var complete: Set<String> = []
        var count = 0
        var byteCount = 0
        var isFull = false

        /// Whether another object has room, in the place of one that goes.
        func hasRoom(for object: KubernetesObject, insteadOf former: KubernetesObject?) -> Bool {
            count + (former == nil ? 1 : 0) <= limits.objects
                && byteCount + object.byteCount - (former?.byteCount ?? 0) <= limits.bytes
        }

        mutating func remove(_ kind: KubernetesKind, _ key: String) {
            guard let former = objects[kind]?.removeValue(forKey: key) else { return }
            count -= 1
            byteCount -= former.byteCount
        }

        mutating func put(_ kind: KubernetesKind, _ object: KubernetesObject) {
            let former = objects[kind]?[object.key]
            guard hasRoom(for: object, insteadOf: former) else {
                isFull = true
                return
            }
            objects[kind, default: [:]][object.key] = object
            if former == nil { count += 1 }
            byteCount += object.byteCount - (former?.byteCount ?? 0)
        }
    }

    let limits: Limits
    private let state: Mutex<State>

    init(limits: Limits = Limits()) {
        self.limits = limits
        state = Mutex(State(limits: limits))
    }

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
            let known = state.objects[kind] ?? [:]
            for (key, object) in known where namespace == nil || object.namespace == namespace {
                state.remove(kind, key)
            }
            for object in objects { state.put(kind, object) }
            state.complete.insert("\(kind.rawValue)/\(namespace ?? "")")
        }
    }

    /// Takes an object that is new or has changed.
    func put(_ kind: KubernetesKind, _ object: KubernetesObject) {
        state.withLock { $0.put(kind, object) }
    }

    /// Forgets an object.
    func remove(_ kind: KubernetesKind, _ object: KubernetesObject) {
        state.withLock { $0.remove(kind, object.key) }
    }
}
