public import Pipeline
public import Settings
internal import Transport

extension JaegerReceiver {
    /// The keys of the receiver.
    public struct Configuration: SettingGroup {
        public var protocols = Protocols()
        public var remoteSampling: RemoteSampling?
        public var receiver = ReceiverSettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "protocols", \.protocols, "Which protocols are spoken; naming one switches it on.",
                    required: true),
                Field(
                    "remote_sampling", \.remoteSampling,
                    "Tells clients how to sample, over HTTP and over the protocol grpc where that is on."),
                Field(embedding: \.receiver),
            ]
        }
    }

    /// `protocols`.
    public struct Protocols: SettingGroup {
        public var grpc = Presence(Protocols.grpcDefaults)
        public var thriftHTTP = Presence(HTTPServerSettings(endpoint: "localhost:14268"))
        public var thriftCompact = Presence(UDPSettings(endpoint: "localhost:6831"))
        public var thriftBinary = Presence(UDPSettings(endpoint: "localhost:6832"))

        public init() {}

        private static var grpcDefaults: GRPCServerSettings {
            var settings = GRPCServerSettings()
            settings.endpoint = "localhost:14250"
            return settings
        }

        public static var fields: [Field<Protocols>] {
            [
                Field("grpc", \.grpc, "Protobuf over gRPC: what Jaeger's agents send."),
                Field("thrift_http", \.thriftHTTP, "Binary Thrift over HTTP, to /api/traces."),
                Field("thrift_compact", \.thriftCompact, "Compact Thrift over UDP: what most clients send."),
                Field("thrift_binary", \.thriftBinary, "Binary Thrift over UDP."),
            ]
        }

        public func check() -> [Problem] {
            let isUDP = thriftCompact.isPresent || thriftBinary.isPresent
            let isEmpty = !grpc.isPresent && !thriftHTTP.isPresent && !isUDP
            let names = "grpc, thrift_http, thrift_compact or thrift_binary"
            return isEmpty ? [Problem("", "name at least one protocol: \(names)")] : []
        }
    }

    /// A protocol over UDP.
    public struct UDPSettings: SettingGroup {
        public var endpoint = "localhost:6831"
        public var queueSize = 1000
        public var maxPacketSize = 65_000
        public var workers = 10
        public var socketBufferSize = 0

        public init() {}

        /// Defaults on an address.
        public init(endpoint: String) {
            self.endpoint = endpoint
        }

        public static var fields: [Field<UDPSettings>] {
            [
                Field("endpoint", \.endpoint, "Where to listen: host:port, or :port for every address."),
                Field(
                    "queue_size", \.queueSize,
                    "Datagrams that wait while as many as there are workers wait for the pipeline; more are "
                        + "dropped and counted."
                ) { (0...1_000_000).contains($0) ? nil : "must be from 0 to 1000000" },
                Field(
                    "max_packet_size", \.maxPacketSize, "Largest datagram in bytes; longer ones are refused."
                ) { (1...1 << 20).contains($0) ? nil : "must be from 1 to 1048576" },
                Field("workers", \.workers, "Datagrams that may wait for the pipeline's answer at a time.") {
                    (1...10_000).contains($0) ? nil : "must be from 1 to 10000"
                },
                Field(
                    "socket_buffer_size", \.socketBufferSize,
                    "Bytes that the system keeps until they are read; 0 leaves that to it."
                ) { (0...1 << 30).contains($0) ? nil : "must be from 0 to 1073741824" },
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
            let address = try JaegerReceiver.address(endpoint)
            guard case .tcp = address else {
                throw ComponentError("'\(endpoint)' is no address of UDP: use host:port", key: "endpoint")
            }
            return address
        }
    }

    /// `remote_sampling`, as the receiver of otelcol had it until v0.61.
    public struct RemoteSampling: SettingGroup {
        public var hostEndpoint = "localhost:5778"
        public var strategyFile = ""
        public var reloadInterval = Duration.zero

        public init() {}

        public static var fields: [Field<RemoteSampling>] {
            let unsupported = [
                "endpoint", "tls", "compression", "keepalive", "read_buffer_size", "write_buffer_size",
                "wait_for_ready", "headers", "balancer_name", "authority", "auth",
            ]
            return [
                Field(
                    "host_endpoint", \.hostEndpoint,
                    "Where clients ask: host:port, :port for every address, or unix:///path."),
                Field(
                    "strategy_file", \.strategyFile,
                    "Path of a file with strategies, in the JSON of Jaeger's collector.", required: true
                ) { $0.isEmpty ? "must not be empty" : nil },
                Field(
                    "strategy_file_reload_interval", \.reloadInterval,
                    "Time after which the file is read again; 0 is never."
                ) { $0 < .zero ? "must not be negative" : nil },
            ] + unsupported.map { .unsupported($0, "strategies come from a file; use strategy_file") }
        }

        public func check() -> [Problem] {
            do throws(ComponentError) {
                _ = try address()
                return []
            } catch {
                return [Problem("host_endpoint", error.description)]
            }
        }

        func address() throws(ComponentError) -> ListenAddress { try JaegerReceiver.address(hostEndpoint) }
    }

    static func address(_ endpoint: String) throws(ComponentError) -> ListenAddress {
        do throws(TransportError) {
            return try ListenAddress(parsing: endpoint)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
    }
}
