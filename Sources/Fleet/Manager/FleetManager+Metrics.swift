internal import FleetModel

/// What the manager tells about itself, in the Prometheus text format.
extension FleetManager {
    func registerMetrics() {
        let (inventory, gateway) = (inventory, gateway)
        metrics.gauge("apus_fleet_agents", "Agents by whether they are connected.") {
            let counts = inventory.counts
            return [
                .init(Double(counts.connected), [("connected", "true")]),
                .init(Double(counts.known - counts.connected), [("connected", "false")]),
            ]
        }
        metrics.gauge(
            "apus_fleet_agents_drift", "Agents by how what they run compares with what they ought to."
        ) {
            inventory.summary().drift.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                .init(Double($0.value), [("state", $0.key.rawValue)])
            }
        }
        metrics.gauge(
            "apus_fleet_agents_packages",
            "Agents with packages by how these compare with what they ought to have."
        ) {
            inventory.packageCounts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                .init(Double($0.value), [("state", $0.key.rawValue)])
            }
        }
        metrics.gauge("apus_fleet_package_files_bytes", "Files of packages that the manager has itself.") {
            [packages] in [.init(Double(packages.files.totalSize))]
        }
        let numbers: [(String, String, @Sendable (GatewayStatistics) -> UInt64)] = [
            ("messages", "Messages of agents that were received.", { $0.messages }),
            ("messages_duplicate", "Messages that had been received before.", { $0.duplicates }),
            ("messages_malformed", "Messages that were none.", { $0.malformed }),
            ("agents_refused", "Messages and connections of agents that were not let in.", { $0.refused }),
            ("full_states", "Times that an agent was asked for everything.", { $0.fullStates }),
            ("offers", "Configurations that were offered.", { $0.offers }),
            ("package_offers", "Sets of packages that were offered.", { $0.packageOffers }),
            ("agents_rekeyed", "Agents that got another id because theirs was in use.", { $0.rekeyed }),
            ("agents_lost", "Agents that were silent for too long.", { $0.lost }),
        ]
        for (name, help, value) in numbers {
            metrics.counter("apus_fleet_\(name)_total", help) {
                [.init(Double(value(gateway.statistics)))]
            }
        }
    }
}
