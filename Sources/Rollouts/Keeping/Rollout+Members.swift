internal import FleetModel
internal import OpAMP
internal import Settings

/// The agents, as they are kept: `chunkSize` in each piece, as text that is short and quick to read.
extension Rollout {
    private func range(_ chunk: Int) -> Range<Int> {
        chunk * Self.chunkSize..<min((chunk + 1) * Self.chunkSize, members.count)
    }

    /// What does not change.
    func membersTree(_ chunk: Int) -> Tree {
        let range = range(chunk)
        let labels = labelValues.count
        return .table([
            "uids": .text(range.map { "\(members[$0].uid)" }.joined(separator: " ")),
            "stages": .text(range.map { "\(members[$0].stage)" }.joined(separator: " ")),
            "previous": .text(range.map { "\(members[$0].previous)" }.joined(separator: " ")),
            "labels": .text(
                labelIndices[range.lowerBound * labels..<range.upperBound * labels].map { "\($0)" }
                    .joined(separator: " ")),
        ])
    }

    /// What changes: a letter for each agent, a capital one when it is connected, and figures for those whose
    /// change has begun.
    func statesTree(_ chunk: Int) -> Tree {
        let range = range(chunk)
        var letters: [UInt8] = []
        var figures: [String] = []
        var why: [Tree.Entry] = []
        for index in range {
            let member = members[index]
            letters.append(member.isConnected ? member.phase.letter - 32 : member.phase.letter)
            if let reason = reasons[index] { why.append(Tree.Entry("\(index)", .text(reason))) }
            guard member.phase != .pending || member.assigned > 0 || member.since > 0 else { continue }
            figures.append(
                "\(index) \(member.assigned) \(member.since) \(member.silent) \(member.trouble) "
                    + "\(member.started) \(member.worstBefore.rawValue)")
        }
        return .table([
            "phases": .text(String(decoding: letters, as: UTF8.self)),
            "figures": .text(figures.joined(separator: ";")), "reasons": Tree(.table(why)),
        ])
    }

    mutating func readMembers(_ tree: Tree) throws(RolloutUnreadable) {
        let uids = tree.string("uids")?.split(separator: " ").map { InstanceUID(String($0)) } ?? []
        let stages = Self.numbers(tree.string("stages"))
        let previous = Self.numbers(tree.string("previous"))
        guard stages.count == uids.count, previous.count == uids.count else {
            throw RolloutUnreadable("the agents of rollout '\(id)' are not complete")
        }
        for (index, uid) in uids.enumerated() {
            guard let uid, self.stages.indices.contains(stages[index]),
                (0...revisions.count).contains(previous[index])
            else { throw RolloutUnreadable("agent \(index) of rollout '\(id)' cannot be read") }
            members.append(
                RolloutMember(uid: uid, stage: stages[index], previous: UInt16(previous[index])))
        }
        labelIndices += Self.numbers(tree.string("labels")).map { UInt16(clamping: $0) }
        guard labelIndices.count == members.count * labelValues.count else {
            throw RolloutUnreadable("the labels of the agents of rollout '\(id)' are not complete")
        }
    }

    mutating func readStates(_ tree: Tree, _ chunk: Int) throws(RolloutUnreadable) {
        let range = range(chunk)
        let letters = Array((tree.string("phases") ?? "").utf8)
        // Agents may have joined since the states were written.
        for (index, letter) in zip(range, letters) {
            guard let phase = MemberPhase(letter: letter | 32) else {
                throw RolloutUnreadable("agent \(index) of rollout '\(id)' is in no phase")
            }
            members[index].phase = phase
            members[index].isConnected = letter & 32 == 0
        }
        for entry in (tree.string("figures") ?? "").split(separator: ";") {
            let words = entry.split(separator: " ")
            guard words.count == 7, let index = Int(words[0]), range.contains(index) else { continue }
            let numbers = words[1...4].map { UInt32($0) ?? 0 }
            members[index].assigned = numbers[0]
            members[index].since = numbers[1]
            members[index].silent = numbers[2]
            members[index].trouble = numbers[3]
            members[index].started = UInt64(words[5]) ?? 0
            members[index].worstBefore = ComponentState(rawValue: String(words[6])) ?? .ok
        }
        for entry in tree["reasons"]?.table ?? [] {
            if let index = Int(entry.key), range.contains(index) { reasons[index] = entry.value.text }
        }
    }

    private static func numbers(_ text: String?) -> [Int] {
        (text ?? "").split(separator: " ").map { Int($0) ?? 0 }
    }
}
