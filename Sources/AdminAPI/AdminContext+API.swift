internal import Engine
public import HTTPAPI
internal import Pipeline
public import Transport

extension AdminContext: APIContext {
    public typealias Caller = AdminCaller

    public static let wording = APIWording(
        name: "the admin API", subject: "collector", hostOption: "--admin-host",
        tokenHint: "apus token create makes one", tlsHint: "give --admin-tls-cert and --admin-tls-key")

    public var hostNames: Set<String> { Set(access.hosts.map { $0.lowercased() }) }

    public var executor: LoopExecutor? { BackgroundThread.shared.taskExecutor }

    public func caller(of head: ServerRequestHead) throws(CallerFailure) -> AdminCaller {
        try Authentication(tokens: tokens, rules: access, clock: clock).caller(of: head)
    }

    public func record(_ entry: APIAuditEntry) async { await audit.record(entry) }

    public func denied(_ entry: APIAuditEntry) {
        events.note(
            .accessDenied, entry.actor, "\(entry.target) from \(entry.address) was denied: \(entry.detail)")
    }
}
