import FleetModel
import OpAMP
import Settings
import Testing

@testable import Rollouts

/// A fleet, a rollout and a clock.
final class Simulation {
    var agents: [SimulatedAgent]
    var machine: RolloutMachine
    private(set) var elapsed = Duration.zero
    private(set) var events: [RolloutEvent] = []
    private(set) var bad = BadRevisions()
    private(set) var confirmed: Set<InstanceUID> = []
    private(set) var asked: Set<InstanceUID> = []
    /// The most agents that were disrupted at once.
    private(set) var mostInFlight = 0
    /// What happens after each step.
    var afterStep: (Simulation) -> Void = { _ in }
    /// Whether agents say that they could not run the revision.
    var refusal: String?
    var answers = true
    var isFrozen = false
    /// After how many steps the rollout is written and read; 0 for never.
    var keptEvery = 0
    private var steps = 0
    /// Whether what it wants is lost once.
    var losesActions = false
    var time: UInt64 { SimulatedAgent.start + UInt64(elapsed.components.seconds) * 1_000_000_000 }
    private var places: [InstanceUID: Int]

    init(_ agents: [SimulatedAgent], _ yaml: String, id: String = "r1", begun: Bool = true) throws {
        self.agents = agents
        let spec = try RolloutSpec.decode(yaml: yaml)
        let rollout = try Rollout(
            id: id, spec: spec, author: "ada", candidates: agents.map { Self.candidate($0) },
            time: SimulatedAgent.start)
        machine = RolloutMachine(rollout)
        places = Dictionary(uniqueKeysWithValues: agents.enumerated().map { ($1.facts.uid, $0) })
        // Agents have been there for a while.
        for _ in 0..<120 { passSecond() }
        if begun { perform(try machine.begin(by: "ada", at: moment)) }
    }

    var rollout: Rollout { machine.rollout }
    var moment: Moment { Moment(elapsed: elapsed, time: time) }

    static func candidate(_ agent: SimulatedAgent) -> Candidate {
        Candidate(
            uid: agent.facts.uid, isConnected: agent.facts.isConnected, labels: agent.facts.labels,
            previous: agent.facts.assignment?.revision)
    }

    func agent(_ uid: InstanceUID) -> SimulatedAgent? { places[uid].map { agents[$0] } }

    func add(_ agent: SimulatedAgent) {
        places[agent.facts.uid] = agents.count
        agents.append(agent)
    }

    /// Steps until the rollout is as wanted.
    @discardableResult
    func run(
        _ seconds: Int = 7200,
        until isDone: (Rollout) -> Bool = { $0.state.isTerminal || $0.state == .paused }
    ) -> Bool {
        for _ in 0..<seconds {
            if isDone(machine.rollout) { return true }
            step()
        }
        return isDone(machine.rollout)
    }

    /// One second of everything.
    func step() {
        var ledger = DisruptionLedger(rollouts: [machine.rollout], known: agents.count)
        step(&ledger)
    }

    /// One second, with a budget that others use as well.
    func step(_ ledger: inout DisruptionLedger) {
        passSecond()
        let actions = machine.step(moment, isFrozen: isFrozen, ledger: &ledger) { uid in
            places[uid].map { agents[$0].facts }
        }
        steps += 1
        if keptEvery > 0, steps % keptEvery == 0 { keep() }
        if losesActions, actions.contains(where: { if case .assign = $0 { true } else { false } }) {
            losesActions = false
        } else {
            perform(actions)
        }
        mostInFlight = max(mostInFlight, machine.rollout.counts.inFlight)
        afterStep(self)
    }

    /// Writes the rollout and reads it again.
    func keep() {
        do {
            var copy = machine
            var parts: [String: Tree] = [:]
            for part in copy.takeParts(all: true) {
                parts[part.name] = try Tree(
                    json: part.body.json(), source: ConfigurationSource(.builtIn, "store"))
            }
            let read = try Rollout(parts: parts)
            #expect(read == machine.rollout)
            var machine = RolloutMachine(read)
            machine.lastStep = elapsed
            self.machine = machine
        } catch {
            Issue.record("cannot be kept: \(error)")
        }
    }

    /// Begins anew, as a manager does that was killed.
    func restart() {
        keep()
        machine.lastStep = nil
        perform(machine.recover(at: moment))
    }

    func perform(_ actions: [RolloutAction]) {
        for action in actions {
            switch action {
            case .assign(let uids): assign(uids, SimulatedAgent.new)
            case .retry(let uids):
                for uid in uids { places[uid].map { agents[$0].forgive(SimulatedAgent.new) } }
                assign(uids, SimulatedAgent.new)
            case .revert(let uids, let revision):
                if let revision { assign(uids, revision) } else { unassign(uids) }
            case .confirm(let uids): confirmed.formUnion(uids)
            case .validate(let uids):
                asked.formUnion(uids)
                guard answers else { break }
                for uid in uids {
                    machine.answered(uid, isValid: refusal == nil, message: refusal ?? "")
                }
            case .event(let event): events.append(event)
            case .bad(let entry): bad.add(entry)
            case .watch: break
            }
        }
    }

    private func assign(_ uids: [InstanceUID], _ revision: RevisionReference) {
        for uid in uids {
            guard let place = places[uid] else { continue }
            agents[place].facts.assignment = Assignment(
                uid: uid, revision: revision, hash: SimulatedAgent.hash(revision), rollout: rollout.id,
                time: time)
        }
    }

    private func unassign(_ uids: [InstanceUID]) {
        for uid in uids {
            guard let place = places[uid] else { continue }
            agents[place].facts.assignment = nil
            agents[place].running = nil
        }
    }

    private func passSecond() {
        elapsed += .seconds(1)
        for index in agents.indices { agents[index].tick(time) }
    }
}

/// Three stages, as most rollouts have them.
let threeStages = """
    target: edge@2
    plan:
      - {name: canary, size: 1, bake: 60s}
      - {name: small, size: 10%, bake: 60s}
      - {name: rest, size: 100%, bake: 60s}
    """
