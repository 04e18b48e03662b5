internal import Fleet
internal import FleetEndpoint

/// What the place where agents connect tells about itself.
enum EndpointMetrics {
    static func register(_ endpoint: FleetEndpoint, in metrics: FleetMetrics) {
        metrics.gauge("apus_fleet_websockets", "WebSockets of agents that are open.") {
            [.init(Double(endpoint.figures.openWebSockets))]
        }
        let numbers: [(String, String, @Sendable (FleetEndpointFigures) -> Int)] = [
            ("websockets_opened", "WebSockets that have been opened.", { $0.webSockets }),
            ("http_requests", "Requests of agents over plain HTTP.", { $0.requests }),
            ("messages_received", "Messages that came in.", { $0.messagesReceived }),
            ("received_bytes", "Bytes of messages that came in, decompressed.", { $0.bytesReceived }),
            ("messages_sent", "Messages that went out.", { $0.messagesSent }),
            ("sent_bytes", "Bytes of messages that went out.", { $0.bytesSent }),
            ("messages_dropped", "Messages that an agent was too slow to take.", { $0.messagesDropped }),
            ("downloads", "Downloads of files of packages that have begun.", { $0.downloads }),
            ("downloaded_bytes", "Bytes of files of packages that were sent.", { $0.downloadedBytes }),
            ("websockets_broken", "WebSockets closed because the agent broke a rule.", { $0.broken }),
        ]
        for (name, help, value) in numbers {
            metrics.counter("apus_fleet_endpoint_\(name)_total", help) {
                [.init(Double(value(endpoint.figures)))]
            }
        }
        metrics.counter("apus_fleet_endpoint_refusals_total", "Requests of agents that were not taken.") {
            endpoint.figures.refusals.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                .init(Double($0.value), [("reason", $0.key.rawValue)])
            }
        }
    }
}
