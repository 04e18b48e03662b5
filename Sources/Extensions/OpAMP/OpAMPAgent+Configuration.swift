internal import OpAMP
internal import Pipeline
public import Settings

extension OpAMPAgent {
    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var server = OpAMPServerChoice()
        public var servers: [OpAMPServerSettings] = []
        public var instanceUID = ""
        public var requestInstanceUID = false
        public var capabilities = OpAMPCapabilities()
        public var agentDescription = OpAMPAgentDescription()
        public var labels: [String: String] = [:]
        public var heartbeatInterval = Duration.seconds(30)
        public var requestCertificate = false
        public var reportsRawConfig = false
        public var storage = OpAMPStorageSettings()
        public var ppid = 0
        public var ppidPollInterval = Duration.seconds(5)

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field("server", \.server, "The server, over WebSocket or plain HTTP."),
                Field(
                    "servers", \.servers,
                    "Several servers in order of preference, instead of server."
                ),
                Field(
                    "instance_uid", \.instanceUID,
                    "The id of the agent, a UUID; one is made and kept unless it is given."
                ) {
                    $0.isEmpty || InstanceUID($0) != nil
                        ? nil : "must be a UUID, such as 0190a5c8-7b1e-7cc3-98c4-dc0c0c07398f"
                },
                Field(
                    "request_instance_uid", \.requestInstanceUID,
                    "Whether the server gives the agent its id the first time."),
                Field("capabilities", \.capabilities, "What the server gets to see and may change."),
                Field("agent_description", \.agentDescription, "What the agent says about itself."),
                Field(
                    "labels", \.labels,
                    "Attributes for selecting agents, such as env: prod; in the syntax of labels.",
                    check: Self.problem(inLabels:)),
                Field(
                    "heartbeat_interval", \.heartbeatInterval,
                    "Time until a message is sent without news; 0 is never. The server can change it."
                ) { $0 < .zero || $0 > .seconds(86_400) ? "must be from 0 to 24h" : nil },
                Field(
                    "request_certificate", \.requestCertificate,
                    "Whether to ask the server for a client certificate and renew it; the key stays here."),
                Field(
                    "reports_raw_config", \.reportsRawConfig,
                    "Whether the configuration is reported as written, with ${…}, instead of in force."
                ),
                Field("storage", \.storage, "Where ids, keys and accepted settings are kept."),
                Field(
                    "ppid", \.ppid,
                    "Process whose end ends the collector, such as that of a supervisor; 0 is none."
                ) { (0...Int(Int32.max)).contains($0) ? nil : "must be the number of a process" },
                Field("ppid_poll_interval", \.ppidPollInterval, "How often to look whether it is there.") {
                    $0 < .milliseconds(100) ? "must be at least 100ms" : nil
                },
            ]
        }

        private static let labelLimit = 64

        @Sendable private static func problem(inLabels labels: [String: String]) -> String? {
            if labels.count > labelLimit { return "must have at most \(labelLimit) labels" }
            for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
                let isName =
                    (1...200).contains(name.utf8.count)
                    && name.utf8.allSatisfy {
                        (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0)
                            || "-_./".utf8.contains($0)
                    }
                if !isName { return "'\(name)' is not the name of a label: letters, digits and -_./ only" }
                if value.utf8.count > 256 || value.contains(where: { "()=!,".contains($0) }) {
                    return "the value of '\(name)' is longer than 256 bytes or has one of ()=!,"
                }
            }
            return nil
        }

        public func check() -> [Problem] {
            if server.isEmpty && servers.isEmpty {
                return [Problem("server", "must name a server under ws or http, or use servers")]
            }
            if !server.isEmpty && !servers.isEmpty {
                return [Problem("servers", "server is there as well; use one of them")]
            }
            if servers.count > Self.serverLimit {
                return [Problem("servers", "must have at most \(Self.serverLimit)")]
            }
            if requestInstanceUID && !instanceUID.isEmpty {
                return [Problem("request_instance_uid", "instance_uid gives the agent an id already")]
            }
            if requestCertificate && !capabilities.acceptsConnectionSettings {
                return [
                    Problem(
                        "request_certificate", "needs capabilities::accepts_opamp_connection_settings: true")
                ]
            }
            return []
        }

        private static let serverLimit = 16

        /// All servers, in order of preference.
        var places: [OpAMPServerSettings] { servers.isEmpty ? [server.settings].compactMap { $0 } : servers }

        /// How often plain HTTP asks the server.
        var pollingInterval: Duration? { servers.isEmpty ? server.http?.pollingInterval : nil }
    }
}

/// `server`: one of the two ways to speak with it.
public struct OpAMPServerChoice: SettingGroup {
    public var ws: OpAMPServerSettings?
    public var http: OpAMPHTTPServerSettings?

    public init() {}

    public static var fields: [Field<OpAMPServerChoice>] {
        [
            Field("ws", \.ws, "Over WebSocket: both sides speak whenever they like.") {
                $0?.problem(schemes: ["ws", "wss"])
            },
            Field("http", \.http, "Over plain HTTP: the agent asks from time to time.") {
                $0?.common.problem(schemes: ["http", "https"])
            },
        ]
    }

    public func check() -> [Problem] {
        ws != nil && http != nil ? [Problem("http", "ws is there as well; use one of them")] : []
    }

    var isEmpty: Bool { ws == nil && http == nil }
    var settings: OpAMPServerSettings? { ws ?? http?.common }
}

/// `server::http`.
public struct OpAMPHTTPServerSettings: SettingGroup, Equatable {
    public var common = OpAMPServerSettings()
    public var pollingInterval = Duration.seconds(30)

    public init() {}

    public static var fields: [Field<OpAMPHTTPServerSettings>] {
        [
            Field(embedding: \.common),
            Field(
                "polling_interval", \.pollingInterval, "How often the server is asked. It can change that."
            ) { $0 < .seconds(1) ? "must be at least 1s" : nil },
        ]
    }
}

/// `capabilities`.
public struct OpAMPCapabilities: SettingGroup {
    public var reportsEffectiveConfig = true
    public var reportsHealth = true
    public var reportsAvailableComponents = true
    public var reportsRemoteConfig = true
    public var reportsHeartbeat = true
    public var acceptsRemoteConfig = false
    public var acceptsRestartCommand = false
    public var acceptsConnectionSettings = false

    public init() {}

    public static var fields: [Field<OpAMPCapabilities>] {
        [
            Field(
                "reports_effective_config", \.reportsEffectiveConfig,
                "Whether the server gets the configuration in force, with hidden secrets."),
            Field("reports_health", \.reportsHealth, "Whether the server gets the status of all components."),
            Field(
                "reports_available_components", \.reportsAvailableComponents,
                "Whether the server learns which components this build has."),
            Field(
                "reports_remote_config", \.reportsRemoteConfig,
                "Whether the server is told what became of its configurations."),
            Field(
                "reports_heartbeat", \.reportsHeartbeat,
                "Whether messages are sent without news, every heartbeat_interval."),
            Field(
                "accepts_remote_config", \.acceptsRemoteConfig,
                "Whether the server may change the configuration, within the local policy."),
            Field(
                "accepts_restart_command", \.acceptsRestartCommand,
                "Whether the server may have the process begin anew."),
            Field(
                "accepts_opamp_connection_settings", \.acceptsConnectionSettings,
                "Whether the server may give other credentials, addresses and intervals."),
            .unsupported("reports_own_metrics", "use service::telemetry::metrics"),
            .unsupported("reports_own_logs", "own logs by OTLP are not part of this version"),
            .unsupported("reports_own_traces", "own traces are not part of this version"),
            .unsupported("accepts_packages", "the program is not updated over OpAMP in this version"),
            .unsupported("reports_package_statuses", "the program is not updated over OpAMP in this version"),
            .unsupported(
                "accepts_other_connection_settings",
                "destinations are changed with a remote configuration"),
        ]
    }
}

/// `agent_description`.
public struct OpAMPAgentDescription: SettingGroup {
    public var includeResourceAttributes = false
    public var nonIdentifyingAttributes: [String: String] = [:]

    public init() {}

    public static var fields: [Field<OpAMPAgentDescription>] {
        [
            Field(
                "include_resource_attributes", \.includeResourceAttributes,
                "Whether the attributes of service::telemetry::resource are reported."),
            Field(
                "non_identifying_attributes", \.nonIdentifyingAttributes,
                "More attributes to report; these win over those that the agent finds itself."),
        ]
    }
}

/// `storage`.
public struct OpAMPStorageSettings: SettingGroup {
    public var directory = ""

    public init() {}

    public static var fields: [Field<OpAMPStorageSettings>] {
        [
            Field(
                "directory", \.directory,
                "A directory that only this agent uses; empty is one below the state directory."
            ) { $0.isEmpty || $0.hasPrefix("/") ? nil : "must be an absolute path" }
        ]
    }
}
