internal import Synchronization

/// The fields of each type, made once.
///
/// Types declare them in a computed property, and making them costs far more than using them: a change of a
/// configuration reads and prints every section several times. There are as many entries as types.
enum FieldCache {
    private final class Entry<Group: SettingGroup>: Sendable {
        let fields: [Field<Group>]

        init(_ fields: [Field<Group>]) { self.fields = fields }
    }

    private static let known = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])

    /// The fields of `Group`, which `make` makes the first time.
    static func fields<Group: SettingGroup>(_ make: () -> [Field<Group>]) -> [Field<Group>] {
        let id = ObjectIdentifier(Group.self)
        if let entry = known.withLock({ $0[id] }) as? Entry<Group> { return entry.fields }
        // Not under the lock: embedded groups look up their own.
        let fields = make()
        known.withLock { $0[id] = Entry(fields) }
        return fields
    }
}
