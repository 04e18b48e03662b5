public import Pipeline
public import Settings

extension OTLPHTTPExporter {
    /// The encoding of bodies.
    public enum Encoding: String, CaseIterable, SettingChoice {
        case proto, json
    }

    /// The keys of the exporter.
    public struct Configuration: SettingGroup {
        public var client = HTTPClientSettings()
        public var tracesEndpoint = ""
        public var metricsEndpoint = ""
        public var logsEndpoint = ""
        public var profilesEndpoint = ""
        public var encoding = Encoding.proto
        public var maxRequestSizeMiB = 64
        public var delivery = DeliverySettings(timeout: .seconds(30))

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(embedding: \.client),
                Field(
                    "traces_endpoint", \.tracesEndpoint, "Whole URL for traces, instead of endpoint and path."
                ),
                Field(
                    "metrics_endpoint", \.metricsEndpoint,
                    "Whole URL for metrics, instead of endpoint and path."),
                Field("logs_endpoint", \.logsEndpoint, "Whole URL for logs, instead of endpoint and path."),
                Field(
                    "profiles_endpoint", \.profilesEndpoint,
                    "Whole URL for profiles, instead of endpoint and path."),
                Field("encoding", \.encoding, "Encoding of bodies: proto or json."),
                Field(
                    "max_request_size_mib", \.maxRequestSizeMiB,
                    "Largest request in MiB before compression; an addition to otelcol's keys."
                ) { (1...2048).contains($0) ? nil : "must be from 1 to 2048" },
                Field(embedding: \.delivery),
            ]
        }

        public func check() -> [Problem] {
            var found: [Problem] = []
            let urls = [
                ("endpoint", client.endpoint), ("traces_endpoint", tracesEndpoint),
                ("metrics_endpoint", metricsEndpoint), ("logs_endpoint", logsEndpoint),
                ("profiles_endpoint", profilesEndpoint),
            ]
            for (key, url) in urls where !url.isEmpty {
                do throws(ComponentError) {
                    _ = try OTLPHTTPExporter.address(url, key)
                } catch {
                    found.append(Problem(key, error.description))
                }
            }
            if urls.allSatisfy({ $0.1.isEmpty }) {
                found.append(Problem("endpoint", "set endpoint, or the endpoint of at least one signal"))
            }
            return found
        }
    }

    static func address(_ url: String, _ key: String) throws(ComponentError) -> Endpoint {
        let endpoint: Endpoint
        do throws(ComponentError) {
            endpoint = try Endpoint(parsing: url, defaultPort: 4318)
        } catch {
            throw ComponentError(error.description, key: key)
        }
        guard endpoint.scheme == .http || endpoint.scheme == .https else {
            throw ComponentError("must be a URL that begins with http:// or https://", key: key)
        }
        guard key != "endpoint" || !endpoint.path.contains("?") else {
            throw ComponentError("a base URL cannot have a query; use the endpoint of the signal", key: key)
        }
        return endpoint
    }
}
