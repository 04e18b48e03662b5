internal import Engine
internal import Fleet
internal import Pipeline
internal import Settings

/// The configuration file of `apus fleet serve`.
struct FleetServeSettings: SettingGroup {
    var agents = AgentListenerSettings()
    var api = FleetAPISettings()
    var users = FleetUserSettings()
    var packages = PackageSettings()
    var store = Secret("")
    var webhooks = WebhookSettings()
    var logs = LogSettings()

    init() {}

    static var fields: [Field<FleetServeSettings>] {
        [
            Field("agents", \.agents, "Where agents connect, by OpAMP."),
            Field("api", \.api, "Where people and their programs ask and change."),
            Field("users", \.users, "People and programs that need no token."),
            Field("packages", \.packages, "Packages that agents may be given."),
            Field(
                "store", \.store,
                "`postgres://…` for several managers on one database; empty is a file in the state directory."
            ) {
                let text = $0.reveal()
                return text.isEmpty || text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
                    ? nil : "must be empty or begin with postgres://"
            },
            Field("webhooks", \.webhooks, "Where events may be sent."),
            Field("logs", \.logs, "The manager's own log."),
        ]
    }

    func check() -> [Problem] {
        guard !users.certificates.isEmpty, api.tls?.clientCAFile.isEmpty != false else { return [] }
        return [
            Problem("users", "certificates need api::tls::client_ca_file, the authority that issues them")
        ]
    }
}

/// `agents`: the OpAMP endpoint.
struct AgentListenerSettings: SettingGroup {
    /// How agents show who they are.
    enum Authentication: String, CaseIterable, SettingChoice {
        case token, none
    }

    var endpoint = "localhost:4320"
    var path = "/v1/opamp"
    var tls: TLSServerSettings?
    var authentication = Authentication.token
    var heartbeat = Duration.seconds(30)
    var certificateLife = CertificateAuthority.life
    var maxConnections = 150_000
    var maxStrangers = 1024
    var maxMessage = 4

    init() {}

    static var fields: [Field<AgentListenerSettings>] {
        [
            Field("endpoint", \.endpoint, "Address to listen on."),
            Field("path", \.path, "The path of OpAMP, over WebSocket and plain HTTP.") {
                $0.hasPrefix("/") ? nil : "must begin with /"
            },
            Field("tls", \.tls, "Certificate and key; without them only this machine is served."),
            Field(
                "auth", \.authentication,
                "token: enrollment tokens, then each agent's own; none: everybody, on this machine only."),
            Field("heartbeat_interval", \.heartbeat, "How often agents say that they are there.") {
                $0 < .seconds(1) || $0 > .seconds(3600) ? "must be from 1s to 1h" : nil
            },
            Field(
                "certificate_lifetime", \.certificateLife,
                "How long certificates of agents are valid; ours renew them after two thirds of that."
            ) { CertificateAuthority.lives.contains($0) ? nil : "must be from 1m to 8784h" },
            Field("max_connections", \.maxConnections, "The most agents that are connected at a time.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field(
                "max_unauthenticated_per_address", \.maxStrangers,
                "The most connections of one address that have not shown who they are; 0 is no limit, for "
                    + "proxies."
            ) { $0 < 0 ? "must not be negative" : nil },
            Field(
                "max_message_size_mib", \.maxMessage,
                "The largest message of an agent, decompressed; larger ones end the connection."
            ) {
                (1...64).contains($0) ? nil : "must be from 1 to 64"
            },
        ]
    }
}

/// `api`: the HTTP API of the manager.
struct FleetAPISettings: SettingGroup {
    var endpoint = "localhost:4321"
    var tls: TLSServerSettings?
    var hosts: [String] = []

    init() {}

    static var fields: [Field<FleetAPISettings>] {
        [
            Field("endpoint", \.endpoint, "Address to listen on."),
            Field(
                "tls", \.tls,
                "Certificate and key; without them only this machine is served. With users::certificates "
                    + "client_ca_file lets clients show a certificate, without it clients have to."),
            Field(
                "hosts", \.hosts,
                "Names, beside localhost and IP addresses, that requests may be addressed to."),
        ]
    }
}

/// `packages`: what is offered to agents for them to install.
struct PackageSettings: SettingGroup {
    /// Who signs packages.
    enum Signing: String, CaseIterable, SettingChoice {
        case manager, offline
    }

    var downloadURL: String?
    var signing = Signing.manager
    var publicKeys: [String] = []

    init() {}

    static var fields: [Field<PackageSettings>] {
        [
            Field(
                "download_url", \.downloadURL,
                "Where agents reach agents::endpoint to download files, such as https://fleet.example:4320; "
                    + "without it the address that is listened on, unless that is every address."
            ) { url in
                guard let url else { return nil }
                return url.hasPrefix("https://") || url.hasPrefix("http://localhost:")
                    || url.hasPrefix("http://127.0.0.1:")
                    ? nil : "must begin with https://, or with http://localhost: for this machine"
            },
            Field(
                "signing", \.signing,
                "manager: it signs what has no signature, with a key in the state directory; offline: all "
                    + "signatures are made elsewhere, with the key of one of public_keys."),
            Field(
                "public_keys", \.publicKeys,
                "Ed25519 keys whose signatures count, beside the manager's own: in base64 or PEM."
            ) { keys in
                keys.contains { PackageKey($0) == nil } ? "has an entry that is no Ed25519 key" : nil
            },
        ]
    }

    func check() -> [Problem] {
        signing == .offline && publicKeys.isEmpty
            ? [Problem("public_keys", "is empty, so no signature would count")] : []
    }
}

/// `webhooks`: where events may go.
struct WebhookSettings: SettingGroup {
    var allowsLoopback = false

    init() {}

    static var fields: [Field<WebhookSettings>] {
        [Field("allow_loopback", \.allowsLoopback, "Whether they may be sent to this machine.")]
    }
}
