public import Pipeline
public import Transport

/// What tells one HTTP API from another: what it is about, who may use it, and where that is written down.
public protocol APIContext: Sendable {
    associatedtype Caller: APICaller

    /// How the API speaks of itself.
    static var wording: APIWording { get }

    var clock: any PipelineClock { get }
    /// Names, in lower case, that requests may be addressed to, beside IP addresses and `localhost`.
    var hostNames: Set<String> { get }
    /// Where handlers run; `nil` is wherever there is time.
    var executor: LoopExecutor? { get }

    /// Finds out who makes a request, from its headers and connection; called on event loops, so it must not
    /// wait.
    ///
    /// - Throws: why nobody is known.
    func caller(of head: ServerRequestHead) throws(CallerFailure) -> Caller

    /// Takes note of a write or of a denied try, before its answer goes out; what goes wrong with that is for
    /// the log, and must not fail the request.
    func record(_ entry: APIAuditEntry) async

    /// Tells those who follow events of a denied try; called on event loops.
    func denied(_ entry: APIAuditEntry)
}

/// How an API speaks of itself in messages to people.
public struct APIWording: Sendable {
    /// As in `the admin API`.
    public let name: String
    /// What the API is about, in one word that the web page goes by: `collector` or `fleet`.
    public let subject: String
    /// The option that allows another name of the host, such as `--admin-host`.
    public let hostOption: String
    /// What makes a token, such as `apus token create makes one`.
    public let tokenHint: String
    /// How TLS is turned on, such as `give --admin-tls-cert and --admin-tls-key`.
    public let tlsHint: String

    public init(name: String, subject: String, hostOption: String, tokenHint: String, tlsHint: String) {
        self.name = name
        self.subject = subject
        self.hostOption = hostOption
        self.tokenHint = tokenHint
        self.tlsHint = tlsHint
    }
}
