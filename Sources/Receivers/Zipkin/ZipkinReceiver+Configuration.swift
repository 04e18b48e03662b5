public import Pipeline
public import Settings

extension ZipkinReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        public var protocols: Protocols?
        public var server = HTTPServerSettings(endpoint: "localhost:9411")
        public var parseStringTags = false
        public var receiver = ReceiverSettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "protocols", \.protocols,
                    "Which protocols are spoken; without it HTTP, as the keys of the server beside it say."),
                Field(embedding: \.server),
                Field(
                    "parse_string_tags", \.parseStringTags,
                    "Whether values of tags that look like numbers and booleans become such."),
                Field(embedding: \.receiver),
            ]
        }

        /// The server that counts, and what comes before its keys.
        var effectiveServer: (settings: HTTPServerSettings, prefix: String) {
            if let http = protocols?.http.value { (http, "protocols.http.") } else { (server, "") }
        }

        /// Whether there are keys of a server that do not count.
        var hasIdleServer: Bool {
            protocols?.http.isPresent == true && server != HTTPServerSettings(endpoint: "localhost:9411")
        }
    }

    /// `protocols`.
    public struct Protocols: SettingGroup {
        public var http = Presence(HTTPServerSettings(endpoint: "localhost:9411"))

        public init() {}

        public static var fields: [Field<Protocols>] {
            [Field("http", \.http, "Spans over HTTP: the server.")]
        }

        public func check() -> [Problem] {
            http.isPresent ? [] : [Problem("", "name the protocol: http")]
        }
    }
}
