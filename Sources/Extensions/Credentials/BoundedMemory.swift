/// Remembers values by digests, at most `capacity` of them: the oldest is forgotten for a new one.
struct BoundedMemory<Value> {
    private let capacity: Int
    private var values: [CredentialDigest: Value] = [:]
    /// In the order in which they came, a ring once it is full.
    private var order: [CredentialDigest] = []
    private var next = 0

    init(capacity: Int) { self.capacity = capacity }

    subscript(digest: CredentialDigest) -> Value? { values[digest] }

    mutating func insert(_ value: Value, for digest: CredentialDigest) {
        guard values.updateValue(value, forKey: digest) == nil else { return }
        guard order.count == capacity else {
            order.append(digest)
            return
        }
        values[order[next]] = nil
        order[next] = digest
        next = (next + 1) % capacity
    }

    mutating func removeAll() {
        values = [:]
        order = []
        next = 0
    }
}
