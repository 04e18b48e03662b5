internal import Pipeline
internal import Prometheus
internal import Transport
internal import Wire

/// Targets that a server lists, fetched again and again.
struct HTTPDiscovery: Discovery {
    let url: String
    let endpoint: Endpoint
    let refreshInterval: Duration
    let access: HTTPAccess
    let userAgent: String
    let clock: any PipelineClock

    /// Throws what is wrong with the settings.
    init(_ settings: HTTPDiscoverySettings, in context: Context) throws(ComponentError) {
        url = settings.url
        endpoint = try Endpoint(parsing: settings.url, defaultPort: 80)
        refreshInterval = settings.refreshInterval.duration
        access = try HTTPAccess(settings.access, in: context)
        userAgent = context.userAgent
        clock = context.clock
    }

    func run(_ found: @escaping @Sendable (DiscoveryUpdate) -> Void) async {
        var client: Client?
        var known: [TargetGroup]?
        while !Task.isCancelled {
            do throws(AccessFailure) {
                let present = if let client { client } else { try connected() }
                client = present
                let groups = try await fetch(present)
                if groups != known { found(.all(groups)) }
                known = groups
            } catch {
                found(.failed("\(url): \(error)"))
            }
            guard (try? await clock.sleep(for: refreshInterval)) != nil else { break }
        }
        await client?.close(grace: .zero)
    }

    private func connected() throws(AccessFailure) -> Client {
        try access.client(
            for: endpoint.target, isSecure: endpoint.scheme == .https, limit: DiscoveryLimit.bytes, place: 0)
    }

    private func fetch(_ client: Client) async throws(AccessFailure) -> [TargetGroup] {
        let fields: HTTPFields = [
            "accept": "application/json", "user-agent": userAgent,
            "x-prometheus-refresh-interval-seconds": NumberFormat.text(refreshInterval / .seconds(1)),
        ]
        let response = try await access.get(
            endpoint.path.isEmpty ? "/" : endpoint.path, fields, from: client,
            isSecure: endpoint.scheme == .https, limit: DiscoveryLimit.bytes,
            timeout: min(refreshInterval, .seconds(30)))
        guard response.status == 200 else { throw AccessFailure("the answer is \(response.status), not 200") }
        let type = response.fields["content-type"] ?? ""
        guard type.lowercased().hasPrefix("application/json") else {
            throw AccessFailure("the answer is \(type.isEmpty ? "of no type" : type), not application/json")
        }
        do throws(TargetList.Failure) {
            return try TargetList.read(
                response.body.string, isJSON: true, name: url, labels: ["__meta_url": url])
        } catch {
            throw AccessFailure(error.reason)
        }
    }
}
