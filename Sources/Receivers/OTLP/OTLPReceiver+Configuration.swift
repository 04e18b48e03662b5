public import Pipeline
public import Settings

extension OTLPReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        public var protocols = Protocols()
        public var receiver = ReceiverSettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "protocols", \.protocols, "Which protocols are spoken; naming one switches it on.",
                    required: true),
                Field(embedding: \.receiver),
            ]
        }
    }

    /// `protocols`.
    public struct Protocols: SettingGroup {
        public var grpc = Presence(GRPCServerSettings())
        public var http = Presence(HTTPSettings())

        public init() {}

        public static var fields: [Field<Protocols>] {
            [
                Field("grpc", \.grpc, "OTLP over gRPC."),
                Field("http", \.http, "OTLP over HTTP, as protobuf or JSON."),
            ]
        }

        public func check() -> [Problem] {
            grpc.isPresent || http.isPresent
                ? [] : [Problem("", "name at least one protocol: grpc or http, or both")]
        }
    }

    /// `protocols::http`: an HTTP server and the paths of the signals.
    public struct HTTPSettings: SettingGroup {
        public var server = HTTPServerSettings(endpoint: "localhost:4318")
        public var tracesURLPath = "/v1/traces"
        public var metricsURLPath = "/v1/metrics"
        public var logsURLPath = "/v1/logs"

        public init() {}

        public static var fields: [Field<HTTPSettings>] {
            [
                Field(embedding: \.server),
                Field("traces_url_path", \.tracesURLPath, "Path for traces.", check: checkPath),
                Field("metrics_url_path", \.metricsURLPath, "Path for metrics.", check: checkPath),
                Field("logs_url_path", \.logsURLPath, "Path for logs.", check: checkPath),
            ]
        }

        public func check() -> [Problem] {
            let paths = [
                ("traces_url_path", tracesURLPath), ("metrics_url_path", metricsURLPath),
                ("logs_url_path", logsURLPath),
            ].map { ($0.0, $0.1.hasPrefix("/") ? $0.1 : "/" + $0.1) }
            return paths.indices.dropFirst().compactMap { index in
                paths[..<index].contains { $0.1 == paths[index].1 }
                    ? Problem(paths[index].0, "\(paths[index].1) is the path of another signal already") : nil
            }
        }

        private static let checkPath: @Sendable (String) -> String? = { path in
            let isPath = !path.isEmpty && !path.contains { $0 == "?" || $0 == "#" || $0.isWhitespace }
            return isPath ? nil : "must be the path of a URL, such as /v1/traces"
        }
    }
}
