/// An attribute of an agent as text.
struct Attribute: Sendable, Hashable {
    let key: String
    let value: String
    let isIdentifying: Bool
}

/// Attributes that many agents have alike, as sorted numbers of a table of attributes.
struct Profile: Sendable, Hashable {
    let attributes: [UInt32]
}

/// What agents said of themselves, with everything kept once.
///
/// Attributes whose values nearly every agent has for itself, such as `host.name`, are kept apart from the
/// profile, so that there are few different profiles; which keys these are is learned from the values.
struct AttributeTable: Sendable {
    /// The attributes of one agent.
    struct Numbers: Sendable, Hashable {
        var profile: UInt32
        /// Attributes of the agent's own.
        var own: [UInt32]
    }

    /// Different values after which a key is one of each agent's own.
    static let sharedValues = 64
    /// Attributes of one agent; more are left out.
    static let mostAttributes = 256
    /// Keys that values are counted for; later ones are regarded as each agent's own.
    private static let mostKeys = 20_000

    /// Keys that are each agent's own from the first.
    private static let ownFromTheFirst: Set<String> = [
        "service.instance.id", "host.name", "host.id", "host.ip", "host.mac", "process.pid",
        "process.parent_pid", "k8s.pod.name", "k8s.pod.uid", "k8s.pod.ip", "k8s.node.name", "k8s.node.uid",
        "container.id", "container.name",
    ]

    private(set) var attributes = InternTable<Attribute>()
    private(set) var profiles = InternTable<Profile>()
    /// The different values of keys that agents share, and `nil` for those they do not.
    private var values: [String: Set<Int>?] = [:]
    private var keys: Set<String> = []

    /// Keeps the attributes of an agent; each key once.
    mutating func take(_ list: [Attribute]) -> Numbers {
        var shared: [UInt32] = []
        var own: [UInt32] = []
        for attribute in list.prefix(Self.mostAttributes) {
            let attribute = withSharedKey(attribute)
            let number = attributes.take(attribute)
            if isOwn(attribute) { own.append(number) } else { shared.append(number) }
        }
        shared.sort()
        let before = profiles.count
        let profile = profiles.take(Profile(attributes: shared))
        // The profile has its attributes once, however many agents have the profile.
        if profiles.count == before { for number in shared { attributes.release(number) } }
        return Numbers(profile: profile, own: own)
    }

    mutating func release(_ numbers: Numbers) {
        for number in numbers.own { attributes.release(number) }
        if let gone = profiles.release(numbers.profile) {
            for number in gone.attributes { attributes.release(number) }
        }
    }

    /// The attributes of an agent.
    func list(_ numbers: Numbers) -> [Attribute] {
        let shared = profiles[numbers.profile]?.attributes ?? []
        return (shared + numbers.own).compactMap { attributes[$0] }
    }

    /// The value of an attribute; `nil` when the agent has none of this key.
    func value(_ key: String, of numbers: Numbers) -> String? {
        value(key, among: numbers.own) ?? value(key, ofProfile: numbers.profile)
    }

    func value(_ key: String, ofProfile profile: UInt32) -> String? {
        value(key, among: profiles[profile]?.attributes ?? [])
    }

    func value(_ key: String, among numbers: [UInt32]) -> String? {
        for number in numbers {
            if let attribute = attributes[number], attribute.key == key { return attribute.value }
        }
        return nil
    }

    /// Whether agents may have the key outside of their profile.
    func mayBeOwn(_ key: String) -> Bool {
        if Self.ownFromTheFirst.contains(key) { return true }
        guard let known = values[key] else { return values.count >= Self.mostKeys }
        return known == nil
    }

    /// The attribute with the one copy of its key.
    private mutating func withSharedKey(_ attribute: Attribute) -> Attribute {
        guard keys.count < Self.mostKeys || keys.contains(attribute.key) else { return attribute }
        let key = keys.insert(attribute.key).memberAfterInsert
        return Attribute(key: key, value: attribute.value, isIdentifying: attribute.isIdentifying)
    }

    private mutating func isOwn(_ attribute: Attribute) -> Bool {
        if Self.ownFromTheFirst.contains(attribute.key) { return true }
        guard let known = values[attribute.key] else {
            guard values.count < Self.mostKeys else { return true }
            values[attribute.key] = .some([attribute.value.hashValue])
            return false
        }
        guard var seen = known else { return true }
        guard seen.insert(attribute.value.hashValue).inserted else { return false }
        if seen.count > Self.sharedValues {
            values[attribute.key] = .some(nil)
            return true
        }
        values[attribute.key] = .some(seen)
        return false
    }
}
