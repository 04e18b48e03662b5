internal import Wire

/// How a component and those inside it are.
public struct ComponentHealth: Sendable, Hashable {
    public var healthy = false
    /// Nanoseconds since 1970-01-01T00:00:00Z; 0 when it is not running.
    public var startTime: UInt64 = 0
    public var lastError = ""
    /// In words of the agent's own, such as `StatusRecoverableError`.
    public var status = ""
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var statusTime: UInt64 = 0
    /// The components inside, by names that the agent chooses.
    public var components: [String: ComponentHealth] = [:]
    public var attributes: [KeyValue] = []

    public init() {}

    public init(
        healthy: Bool, status: String = "", lastError: String = "", startTime: UInt64 = 0,
        statusTime: UInt64 = 0, components: [String: ComponentHealth] = [:]
    ) {
        self.healthy = healthy
        self.status = status
        self.lastError = lastError
        self.startTime = startTime
        self.statusTime = statusTime
        self.components = components
    }
}

extension ComponentHealth: WireMessage {
    static let messageName: StaticString = "ComponentHealth"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: healthy = try field.bool("healthy")
        case 2: startTime = try field.fixed64("start_time_unix_nano")
        case 3: lastError = try decoder.text(field, "last_error")
        case 4: status = try decoder.text(field, "status")
        case 5: statusTime = try field.fixed64("status_time_unix_nano")
        case 6:
            var inside = components
            components = [:]
            try decoder.healthNode(field) { decoder throws(OpAMPError) in
                try decoder.entry(field, "component_health_map", into: &inside)
            }
            components = inside
        case 7: try decoder.attribute(field, "attributes", into: &attributes)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(healthy, 1)
        writer.put(fixed64: startTime, 2)
        writer.put(lastError, 3)
        writer.put(status, 4)
        writer.put(fixed64: statusTime, 5)
        writer.put(components, 6)
        writer.put(attributes, 7)
    }
}
