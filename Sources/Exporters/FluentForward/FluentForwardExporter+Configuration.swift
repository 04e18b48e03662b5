public import Pipeline
public import Settings

extension FluentForwardExporter {
    /// How entries are compressed.
    public enum Compression: String, CaseIterable, SettingChoice {
        case gzip, none
    }

    /// The keys of the exporter.
    public struct Configuration: SettingGroup {
        public var endpoint = ""
        public var tag = "otel"
        public var tls: TLSClientSettings?
        public var sharedKey = Secret("")
        public var selfHostname = ""
        public var username = ""
        public var password = Secret("")
        public var requireAck = true
        public var compression = Compression.gzip
        public var maxMessageSize = ByteCount(8 << 20)
        public var delivery = DeliverySettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "endpoint", \.endpoint, "Where to send: host:port or unix:///path.", required: true
                ) { $0.isEmpty ? "must not be empty" : nil },
                Field(
                    "tag", \.tag, "Tag of log records that have none in their attribute fluent.tag."
                ) { $0.isEmpty ? "must not be empty" : nil },
                Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
                Field(
                    "shared_key", \.sharedKey,
                    "The key that the server knows; without it a server that wants a handshake is not served."
                ),
                Field(
                    "self_hostname", \.selfHostname,
                    "What the client calls itself; empty is the name of the machine."),
                Field("username", \.username, "The user, for servers that ask for one."),
                Field("password", \.password, "The password of the user."),
                Field(
                    "require_ack", \.requireAck,
                    "Whether a batch is delivered only when the server has acknowledged it."),
                Field("compression", \.compression, "How entries are compressed: gzip or none."),
                Field(
                    "max_message_size", \.maxMessageSize,
                    "Size before compression at which a message takes no further entry."
                ) { (1 << 10...1 << 30).contains($0.bytes) ? nil : "must be from 1KiB to 1GiB" },
                Field(embedding: \.delivery),
            ]
        }

        public func check() -> [Problem] {
            var found: [Problem] = []
            do throws(ComponentError) {
                _ = try address()
            } catch {
                found.append(Problem("endpoint", error.description))
            }
            if !username.isEmpty, sharedKey.isEmpty {
                found.append(Problem("username", "a user needs shared_key, as the handshake is with both"))
            }
            if username.isEmpty != password.isEmpty {
                found.append(Problem("password", "username and password belong together"))
            }
            return found
        }

        func address() throws(ComponentError) -> Endpoint {
            let endpoint = try Endpoint(parsing: endpoint, defaultPort: 24_224)
            guard endpoint.scheme == nil || endpoint.scheme == .unix || endpoint.scheme == .dns else {
                throw ComponentError("'\(self.endpoint)' is a URL; write host:port or unix:///path")
            }
            return endpoint
        }
    }
}
