/// What a path points at: a place in telemetry that can be read and perhaps set.
public struct Target: Sendable {
    /// What it may hold.
    public let kinds: ValueKinds
    /// What it takes; empty when it cannot be set.
    public let accepts: ValueKinds
    public let get: Getter
    /// Sets it; values of kinds that it does not take are an error.
    public let set: Setter
    /// The map itself, where it is one: changes there touch nothing else.
    public let map: MapTarget?

    init(
        kinds: ValueKinds, accepts: ValueKinds, get: @escaping Getter, set: @escaping Setter,
        map: MapTarget? = nil
    ) {
        self.kinds = kinds
        self.accepts = accepts
        self.get = get
        self.set = set
        self.map = map
    }
}
