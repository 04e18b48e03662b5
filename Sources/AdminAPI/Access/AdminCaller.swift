/// Who makes a request, once that is known.
struct AdminCaller: Sendable, Equatable {
    /// For the audit log: `uid:1000`, `token:deploy`, `certificate:fleet`, `anonymous`.
    let name: String
    let role: AdminRole
    /// `ip:port`, or `unix`.
    let address: String
}
