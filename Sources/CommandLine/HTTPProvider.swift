internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Fetches configurations from `http:` and `https:` addresses.
struct HTTPProvider: Provider {
    let scheme: String

    /// Configurations are text for people; what is larger is something else.
    private static let maximumBytes = 8 << 20

    func fetch(_ opaque: String) async throws(ProviderError) -> Fetched {
        let address = "\(scheme):\(opaque)"
        let response: ClientResponse
        do throws(TransportError) {
            response = try await get(address, opaque)
        } catch {
            throw ProviderError("cannot fetch \(address): \(error)")
        }
        guard response.status == 200 else {
            throw ProviderError("cannot fetch \(address): the server answered with status \(response.status)")
        }
        return Fetched(
            response.body.string, from: ConfigurationSource(.remote, address), nature: .configuration)
    }

    private func get(_ address: String, _ opaque: String) async throws(TransportError) -> ClientResponse {
        let logger = Logger(label: "apus")
        let endpoint: Endpoint
        do throws(ComponentError) {
            endpoint = try Endpoint(parsing: address, defaultPort: scheme == "https" ? 443 : 80)
        } catch {
            throw TransportError(.invalidAddress, error.description)
        }
        var configuration = ClientConfiguration(target: endpoint.target)
        if scheme == "https" { configuration.tls = try ClientTLS(ClientTLS.Options(), logger: logger) }
        configuration.maxResponseBytes = Self.maximumBytes
        configuration.waitsForConnection = false
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        let client = try Client(configuration, loops: loops, logger: logger)
        let response = try await client.send(
            ClientRequest(method: "GET", path: endpoint.path.isEmpty ? "/" : endpoint.path),
            timeout: .seconds(30))
        await client.close()
        return response
    }
}
