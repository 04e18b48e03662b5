internal import Delivery
internal import Pipeline
internal import Prometheus
internal import Transport
internal import Wire

/// Targets whose names or services the DNS has, looked up again and again.
struct DNSDiscovery: Discovery {
    /// How long looking up one name may take, with all servers silent and six domains to search.
    private static let limit = Duration.seconds(120)

    let names: [String]
    let kind: DNSRecord.Kind
    /// The port of targets whose records have none.
    let port: UInt16
    let refreshInterval: Duration
    let clock: any PipelineClock
    /// Whom to ask; `nil` is what the system's configuration says, read each time.
    var resolver: DNSResolver?

    init(_ settings: DNSDiscoverySettings, resolver: DNSResolver? = nil, clock: any PipelineClock) {
        names = settings.names
        kind =
            switch settings.type {
            case .srv: .srv
            case .a: .a
            case .aaaa: .aaaa
            }
        port = settings.port ?? 0
        refreshInterval = settings.refreshInterval.duration
        self.clock = clock
        self.resolver = resolver
    }

    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async {
        var known: [String: TargetGroup] = [:]
        // Servers that are silent keep nobody waiting but this discovery.
        let thread = DeadlineThread(clock: SystemClock())
        defer { thread.close() }
        while !Task.isCancelled {
            for name in names {
                switch await look(up: name, on: thread) {
                case .success(let records):
                    let group = group(name, records)
                    if group != known[name] { found(.group(group)) }
                    known[name] = group
                case .failure(let error):
                    guard !Task.isCancelled else { return }
                    found(.failed(error.description))
                }
            }
            guard (try? await clock.sleep(for: refreshInterval)) != nil else { return }
        }
    }

    private func look(
        up name: String, on thread: DeadlineThread
    ) async -> Result<[DNSRecord], AccessFailure> {
        let (resolver, kind) = (resolver, kind)
        do throws(DeadlineThread.Failure) {
            return try await thread.run(within: Self.limit) {
                Self.look(up: name, kind, resolver ?? Self.systemResolver())
            }
        } catch {
            return .failure(AccessFailure("looking up \(name) \(error)"))
        }
    }

    private static func look(
        up name: String, _ kind: DNSRecord.Kind, _ resolver: DNSResolver
    ) -> Result<[DNSRecord], AccessFailure> {
        do throws(TransportError) {
            return .success(try resolver.records(of: name, kind))
        } catch {
            return .failure(AccessFailure(error.description))
        }
    }

    private static func systemResolver() -> DNSResolver {
        let text = try? SmallFile.read("/etc/resolv.conf", limit: 64 << 10).string
        return DNSResolver(configuration: text ?? "")
    }

    private func group(_ name: String, _ records: [DNSRecord]) -> TargetGroup {
        var group = TargetGroup(source: name)
        for record in records {
            var target: LabelSet = ["__meta_dns_name": name]
            switch record {
            case .address(let address):
                target[LabelNames.address] =
                    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
            case .service(let port, let host):
                target[LabelNames.address] = "\(host):\(port)"
                // As Prometheus has it: a name with the point at its end.
                target["__meta_dns_srv_record_target"] = "\(host)."
                target["__meta_dns_srv_record_port"] = "\(port)"
            }
            group.targets.append(target)
        }
        return group
    }
}
