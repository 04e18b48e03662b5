import Settings

/// Settings that use everything the language has.
struct Sample: SettingGroup, Equatable {
    enum Mode: String, SettingChoice { case fast, careful }

    struct Protection: SettingGroup, Equatable {
        var certificate = ""
        var key = Secret("")
        init() {}
        static let fields: [Field<Self>] = [
            Field("cert_file", \.certificate, "File with the certificate."),
            Field("key_pem", \.key, "The private key."),
        ]

        func check() -> [Problem] {
            certificate.isEmpty && !key.isEmpty ? [Problem("key_pem", "needs cert_file")] : []
        }
    }

    struct Rule: SettingGroup, Equatable {
        var name = ""
        var rate = 1.0
        init() {}
        static let fields: [Field<Self>] = [
            Field("name", \.name, "What to match.", required: true),
            Field("rate", \.rate, "How much to keep."),
        ]
    }

    struct Shared: SettingGroup, Equatable {
        var timeout = Duration.seconds(5)
        var size: ByteCount = .mebibytes(4)
        init() {}
        static let fields: [Field<Self>] = [
            Field("timeout", \.timeout, "How long one attempt may take.", aliases: ["deadline"]) {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("size", \.size, "How much to keep in memory."),
            .unsupported("balancer_name", "there is one connection per lane"),
        ]

        func check() -> [Problem] { size < 10 ? [Problem("size", "is too small")] : [] }
    }

    var endpoint = "localhost:4317"
    var mode = Mode.fast
    var workers = 2
    var port: UInt16 = 4317
    var verbose = false
    var limit: Int?
    var tls: Protection?
    var http = Presence(Protection())
    var grpc = Presence(Protection(), isPresent: true)
    var headers: OrderedPairs<Secret> = [:]
    var rules: [Rule] = []
    var labels: [String: String] = [:]
    var extra = Tree.null
    var shared = Shared()
    init() {}

    static let fields: [Field<Self>] = [
        Field("endpoint", \.endpoint, "Where to send to."),
        Field("mode", \.mode, "What matters more."),
        Field("workers", \.workers, "How many at once.") { (1...64).contains($0) ? nil : "must be 1 to 64" },
        Field("port", \.port, "Where to listen.", deprecated: "use endpoint"),
        Field("verbose", \.verbose, "Whether to say more."),
        Field("limit", \.limit, "How much at most."),
        Field("tls", \.tls, "Protection of the connection."),
        Field("http", \.http, "The HTTP side."),
        Field("grpc", \.grpc, "The gRPC side."),
        Field("headers", \.headers, "What to send along."),
        Field("rules", \.rules, "What to do."),
        Field("labels", \.labels, "What to add."),
        Field("extra", \.extra, "Whatever else."),
        Field(embedding: \.shared),
    ]
}

/// A tree of some text, for tests that are about something else.
func tree(_ yaml: String) throws -> Tree {
    try Tree(yaml: yaml, source: ConfigurationSource(.file, "a.yaml"))
}
