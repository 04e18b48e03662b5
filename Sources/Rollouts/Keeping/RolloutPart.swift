public import Settings

/// A piece of what is kept of a rollout.
///
/// A rollout of 100,000 agents is large, and most of it does not change: so it is kept in pieces, and only
/// those are written that did.
public struct RolloutPart: Sendable, Hashable {
    /// The piece that lists need: everything but the agents.
    public static let head = "head"
    static let sample = "sample"

    /// `head`, `sample`, `members-0000` or `states-0000`.
    public let name: String
    public let body: Tree

    static func members(_ chunk: Int) -> String { "members-\(padded(chunk))" }
    static func states(_ chunk: Int) -> String { "states-\(padded(chunk))" }

    private static func padded(_ chunk: Int) -> String {
        let digits = String(chunk)
        return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }
}

/// Why what was kept cannot be read.
public struct RolloutUnreadable: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Rollout {
    /// Agents in one piece.
    static let chunkSize = 1000

    var chunkCount: Int { (members.count + Self.chunkSize - 1) / Self.chunkSize }

    /// The rollout without its agents, for lists.
    public var withoutMembers: Rollout {
        var head = self
        head.members = []
        head.labelIndices = []
        head.reasons = [:]
        head.sample = AnalysisSample()
        return head
    }

    /// Whether something has to be kept before anything is done.
    public var mustBeKept: Bool { changes.isUrgent }

    mutating func noteUrgent() {
        changes.head = true
        changes.isUrgent = true
    }

    mutating func noteState(_ index: Int) { changes.states.insert(index / Self.chunkSize) }

    mutating func noteJoined(_ index: Int) {
        changes.chunks.insert(index / Self.chunkSize)
        changes.states.insert(index / Self.chunkSize)
        changes.isUrgent = true
    }

    /// What has changed since the last time, or everything; never without the head.
    mutating func takeParts(all: Bool) -> [RolloutPart] {
        var parts: [RolloutPart] = []
        if all || changes.sample { parts.append(RolloutPart(name: RolloutPart.sample, body: sample.tree)) }
        for chunk in 0..<chunkCount {
            if all || changes.chunks.contains(chunk) {
                parts.append(RolloutPart(name: RolloutPart.members(chunk), body: membersTree(chunk)))
            }
            if all || changes.states.contains(chunk) {
                parts.append(RolloutPart(name: RolloutPart.states(chunk), body: statesTree(chunk)))
            }
        }
        // Whoever writes tells by the head whether somebody else has written since.
        if all || changes.head || !parts.isEmpty {
            parts.insert(RolloutPart(name: RolloutPart.head, body: headTree), at: 0)
        }
        changes = RolloutChanges()
        changes.head = false
        changes.isUrgent = false
        changes.sample = false
        return parts
    }

    /// Reads a rollout from its parts, by their names.
    ///
    /// Without the parts of its agents it can be shown, but not moved.
    public init(parts: [String: Tree]) throws(RolloutUnreadable) {
        guard let head = parts[RolloutPart.head] else {
            throw RolloutUnreadable("a rollout without its head")
        }
        try self.init(head: head)
        sample = parts[RolloutPart.sample].map { AnalysisSample($0) } ?? AnalysisSample()
        var chunk = 0
        while let tree = parts[RolloutPart.members(chunk)] {
            try readMembers(tree)
            if let states = parts[RolloutPart.states(chunk)] { try readStates(states, chunk) }
            chunk += 1
        }
        changes.isUrgent = false
    }
}
