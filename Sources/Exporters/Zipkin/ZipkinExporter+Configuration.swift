public import Pipeline
public import Settings

extension ZipkinExporter {
    /// How spans are written.
    public enum Format: String, CaseIterable, SettingChoice {
        case json, proto
    }

    /// The keys of the exporter.
    public struct Configuration: SettingGroup {
        public var client = Configuration.defaultClient
        public var format = Format.json
        public var defaultServiceName = "<missing service name>"
        public var delivery = DeliverySettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "endpoint", \.client.endpoint,
                    "Whole URL that spans are posted to, such as http://zipkin:9411/api/v2/spans.",
                    required: true),
                Field(embedding: \.client, without: ["endpoint"]),
                Field("format", \.format, "How spans are written: json or proto."),
                Field(
                    "default_service_name", \.defaultServiceName,
                    "The name of services whose resource names none."),
                Field(embedding: \.delivery),
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

        func address() throws(ComponentError) -> Endpoint {
            let endpoint: Endpoint
            do throws(ComponentError) {
                endpoint = try Endpoint(parsing: client.endpoint, defaultPort: 9411)
            } catch {
                throw ComponentError(error.description, key: "endpoint")
            }
            guard endpoint.scheme == .http || endpoint.scheme == .https else {
                throw ComponentError(
                    "must be a URL that begins with http:// or https://", key: "endpoint")
            }
            return endpoint
        }

        /// Zipkin's clients send as it is unless told otherwise.
        private static var defaultClient: HTTPClientSettings {
            var client = HTTPClientSettings()
            client.compression = .unset
            return client
        }
    }
}
