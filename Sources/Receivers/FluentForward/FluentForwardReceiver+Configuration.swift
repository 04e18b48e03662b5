public import Pipeline
public import Settings
internal import Transport

extension FluentForwardReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        public var endpoint = "localhost:24224"
        public var tls: TLSServerSettings?
        public var security: Security?
        public var udpHeartbeat = true
        public var maxMessageSize = ByteCount(64 << 20)
        public var maxConnections = 16_384
        public var idleTimeout = Duration.zero
        public var receiver = ReceiverSettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "endpoint", \.endpoint,
                    "Where to listen: host:port, :port for every address, or unix:///path."),
                Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
                Field(
                    "security", \.security,
                    "Who may send; everybody unless configured. Named as in fluentd's in_forward."),
                Field(
                    "udp_heartbeat", \.udpHeartbeat,
                    "Whether UDP packets to the same port are answered, as some clients want to see."),
                Field(
                    "max_message_size", \.maxMessageSize,
                    "Largest message, before and after decompression; it may become four times that as OTLP."
                ) { (1 << 10...1 << 30).contains($0.bytes) ? nil : "must be from 1KiB to 1GiB" },
                Field("max_connections", \.maxConnections, "Most connections at a time; more are closed.") {
                    (1...1_000_000).contains($0) ? nil : "must be from 1 to 1000000"
                },
                Field(
                    "idle_timeout", \.idleTimeout,
                    "Time without messages after which a connection is closed; 0 is never."
                ) { $0 < .zero ? "must not be negative" : nil },
                Field(embedding: \.receiver),
            ]
        }

        public func check() -> [Problem] {
            do throws(ComponentError) {
                _ = try address()
                return []
            } catch {
                return [Problem("endpoint", error.description)]
            }
        }

        func address() throws(ComponentError) -> ListenAddress {
            do throws(TransportError) {
                return try ListenAddress(parsing: endpoint)
            } catch {
                throw ComponentError(error.description, key: "endpoint")
            }
        }
    }

    /// `security`: the handshake.
    public struct Security: SettingGroup {
        public var sharedKey = Secret("")
        public var selfHostname = ""
        public var users: [User] = []

        public init() {}

        public static var fields: [Field<Security>] {
            [
                Field("shared_key", \.sharedKey, "The key that clients have to know.", required: true) {
                    $0.isEmpty ? "must not be empty" : nil
                },
                Field(
                    "self_hostname", \.selfHostname,
                    "What the server calls itself; empty is the name of the machine."),
                Field("users", \.users, "Who may send; everybody who knows the key when there are none."),
            ]
        }
    }

    /// One of `security::users`.
    public struct User: SettingGroup {
        public var username = ""
        public var password = Secret("")

        public init() {}

        public static var fields: [Field<User>] {
            [
                Field("username", \.username, "The name.", required: true) {
                    $0.isEmpty ? "must not be empty" : nil
                },
                Field("password", \.password, "The password.", required: true) {
                    $0.isEmpty ? "must not be empty" : nil
                },
            ]
        }
    }
}
