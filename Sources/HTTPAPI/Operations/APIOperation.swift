internal import Pipeline
internal import Settings
internal import Transport

/// A change that takes its time.
final class APIOperation: Sendable {
    typealias Outcome = Result<APIReply, APIProblem>

    let id: String
    /// What it does, as the description names it.
    let action: String
    let actor: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    let created: UInt64
    let completion = Completion<Outcome>()
    private let task: Completion<Task<Void, Never>> = Completion()

    init(id: String, action: String, actor: String, created: UInt64) {
        self.id = id
        self.action = action
        self.actor = actor
        self.created = created
    }

    var isDone: Bool { completion.value != nil }

    /// Begins with the work; called once.
    func start(on executor: LoopExecutor?, _ work: @escaping @Sendable () async -> Outcome) {
        task.complete(Task(executorPreference: executor) { self.completion.complete(await work()) })
    }

    /// Asks the work to end; what cannot stop in the middle goes on.
    func cancel() { task.value?.cancel() }

    var tree: Tree {
        var entries: [Tree.Entry] = [
            .init("id", .text(id)), .init("name", .text("operations/\(id)")), .init("action", .text(action)),
            .init("actor", .text(actor)),
            .init("created", .text(CalendarTime(unixNanoseconds: created).rfc3339)),
            .init("done", .bool(isDone)),
        ]
        switch completion.value {
        case .success(let reply)?:
            if case .tree(let tree) = reply.content { entries.append(.init("response", tree)) }
        case .failure(let problem)?: entries.append(.init("error", problem.tree(instance: id)))
        case nil: break
        }
        return Tree(.table(entries))
    }
}
