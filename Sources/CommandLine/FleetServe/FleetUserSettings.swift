internal import Fleet
internal import Settings

/// `users`: who may use the API without a token.
struct FleetUserSettings: SettingGroup {
    var certificates: [CertificateUserSettings] = []

    init() {}

    static var fields: [Field<FleetUserSettings>] {
        [
            Field(
                "certificates", \.certificates,
                "Subjects of client certificates of api::tls::client_ca_file, and their roles."
            ) {
                $0.count <= CertificateUsers.limit ? nil : "has more than \(CertificateUsers.limit) entries"
            }
        ]
    }

    /// What the API asks.
    var users: CertificateUsers {
        CertificateUsers(
            certificates.map { entry in
                CertificateUsers.Entry(
                    subject: entry.subject, roles: Set(entry.roles.compactMap { FleetRole(rawValue: $0) }),
                    owner: entry.owner)
            })
    }
}

/// `users::certificates`: one of them.
struct CertificateUserSettings: SettingGroup {
    var subject = ""
    var roles: [String] = []
    var owner = ""

    init() {}

    static var fields: [Field<CertificateUserSettings>] {
        [
            Field(
                "subject", \.subject,
                "The common name, or a DNS name, e-mail address or URI among the alternative names.",
                required: true
            ) { $0.isEmpty ? "must not be empty" : nil },
            Field(
                "roles", \.roles, "What it may do: viewer, editor, approver, operator, admin.", required: true
            ) { roles in
                if roles.isEmpty { return "needs at least one role" }
                let known = FleetRole.allCases.map { $0.rawValue }
                return roles.first { !known.contains($0) }.map {
                    "has '\($0)'; there are \(known.joined(separator: ", "))"
                }
            },
            Field(
                "owner", \.owner,
                "The person behind it, for what needs another person; the subject unless it is given."),
        ]
    }
}
