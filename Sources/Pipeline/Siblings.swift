internal import Synchronization

/// Finds what all values of one configured processor or connector have in common.
///
/// The engine makes a value for every pipeline and lane, and each is on its own; but some things exist once,
/// such as how much memory the process uses. Values that ask with the same id, engine and variant get the
/// same object, for as long as one of them holds it: so it also outlives a change of their settings.
public enum Siblings {
    private struct Key: Hashable {
        let engine: ObjectIdentifier
        let id: ComponentID
        let type: ObjectIdentifier
        let variant: String
    }

    private struct Holder: Sendable {
        weak let object: (any AnyObject & Sendable)?
    }

    private static let objects = Mutex<[Key: Holder]>([:])

    /// The object for `context`, made when nobody holds one; `variant` tells configurations apart that are
    /// alive at the same time, while a reload replaces one by the other.
    public static func object<Object: AnyObject & Sendable>(
        for context: Context, variant: String = "", make: () -> Object
    ) -> Object {
        let key = Key(
            engine: ObjectIdentifier(context.metrics), id: context.id, type: ObjectIdentifier(Object.self),
            variant: variant)
        return objects.withLock { objects in
            if let object = objects[key]?.object as? Object { return object }
            objects = objects.filter { $0.value.object != nil }
            let object = make()
            objects[key] = Holder(object: object)
            return object
        }
    }
}
