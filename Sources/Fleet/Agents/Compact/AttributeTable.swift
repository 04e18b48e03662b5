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
        /// Attributes of the agent's own, sorted.
        var own: [UInt32]
    }

    /// Different values after which a key is one of each agent's own.
    static let sharedValues = 64
    /// Attributes of one agent; more are left out.
    static let mostAttributes = 256

    /// Keys that are each agent's own from the first.
    private static let ownFromTheFirst: Set<String> = [
        "service.instance.id", "host.name", "host.id", "host.ip", "host.mac", "process.pid",
        "process.parent_pid", "k8s.pod.name", "k8s.pod.uid", "k8s.pod.ip", "k8s.node.name", "k8s.node.uid",
        "container.id", "container.name",
    ]

    /// Marked when they identify the agent.
    private(set) var pairs = PairTable()
    private(set) var profiles = InternTable<Profile>()

    /// Keeps the attributes of an agent; each key once.
    mutating func take(_ list: [Attribute]) -> Numbers {
        var shared: [UInt32] = []
        var own: [UInt32] = []
        for attribute in list.prefix(Self.mostAttributes) {
            let number = pairs.take(attribute.key, attribute.value, isMarked: attribute.isIdentifying)
            if isOwn(attribute.key, number) { own.append(number) } else { shared.append(number) }
        }
        shared.sort()
        own.sort()
        let before = profiles.count
        let profile = profiles.take(Profile(attributes: shared))
        // The profile has its attributes once, however many agents have the profile.
        if profiles.count == before { for number in shared { pairs.release(number) } }
        return Numbers(profile: profile, own: own)
    }

    mutating func release(_ numbers: Numbers) {
        for number in numbers.own { pairs.release(number) }
        if let gone = profiles.release(numbers.profile) {
            for number in gone.attributes { pairs.release(number) }
        }
    }

    /// The numbers of all attributes of an agent.
    func all(_ numbers: Numbers) -> [UInt32] { (profiles[numbers.profile]?.attributes ?? []) + numbers.own }

    /// The attributes of an agent.
    func list(_ numbers: Numbers) -> [Attribute] {
        all(numbers).compactMap { number in
            pairs[number].map { Attribute(key: $0.key, value: $0.text, isIdentifying: $0.isMarked) }
        }
    }

    /// The value of an attribute; `nil` when the agent has none of this key.
    func value(_ key: String, of numbers: Numbers) -> String? {
        guard let key = pairs.key(key) else { return nil }
        return all(numbers).first { pairs.key(of: $0) == key }.flatMap { pairs[$0]?.text }
    }

    private func isOwn(_ key: String, _ number: UInt32) -> Bool {
        pairs.pairs(of: pairs.key(of: number)) > Self.sharedValues || Self.ownFromTheFirst.contains(key)
    }
}
