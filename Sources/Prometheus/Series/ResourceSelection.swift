public import Patterns

/// Which attributes of resources become labels of all series of the resource.
public struct ResourceSelection: Sendable {
    /// Attributes to take; when there are none, all are taken as soon as something is excluded.
    public var included: [Glob]
    /// Attributes to leave out whatever is included.
    public var excluded: [Glob]
    /// Whether everything is taken that is not excluded, whatever is included.
    public var includesAll: Bool
    /// Whether the attributes that `job` and `instance` are made of are left out.
    public var excludesService: Bool

    public init(
        included: [Glob] = [], excluded: [Glob] = [], includesAll: Bool = false, excludesService: Bool = false
    ) {
        self.included = included
        self.excluded = excluded
        self.includesAll = includesAll
        self.excludesService = excludesService
    }

    /// Nothing but `job` and `instance`.
    public static let none = ResourceSelection()
    /// Every attribute.
    public static let all = ResourceSelection(includesAll: true)

    /// Whether nothing can be taken.
    var isEmpty: Bool { !includesAll && included.isEmpty && excluded.isEmpty }

    /// Whether an attribute is taken.
    func takes(_ key: String) -> Bool {
        if isEmpty || excludesService && ServiceAttributes.all.contains(key) { return false }
        if excluded.contains(where: { $0.matches(key) }) { return false }
        return includesAll || included.isEmpty || included.contains { $0.matches(key) }
    }
}

/// The attributes of a resource that `job` and `instance` are made of.
enum ServiceAttributes {
    static let name = "service.name"
    static let namespace = "service.namespace"
    static let instance = "service.instance.id"
    static let all: Set = [name, namespace, instance]
}
