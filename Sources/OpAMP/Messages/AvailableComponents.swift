internal import Wire

/// The components that an agent is built of.
public struct AvailableComponents: Sendable, Hashable {
    /// By names that the agent chooses; empty when only the hash is sent.
    public var components: [String: ComponentDetails] = [:]
    /// Names them all; equal for agents of the same build.
    public var hash: [UInt8] = []

    public init() {}

    public init(components: [String: ComponentDetails] = [:], hash: [UInt8]) {
        self.components = components
        self.hash = hash
    }
}

/// What there is to say about a component that an agent is built of.
public struct ComponentDetails: Sendable, Hashable {
    public var metadata: [KeyValue] = []
    public var components: [String: ComponentDetails] = [:]

    public init() {}

    public init(metadata: [KeyValue], components: [String: ComponentDetails] = [:]) {
        self.metadata = metadata
        self.components = components
    }
}

extension AvailableComponents: WireMessage {
    static let messageName: StaticString = "AvailableComponents"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: try decoder.component(field, "components", into: &components)
        case 2: hash = try decoder.bytes(field, "hash")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(components, 1)
        writer.put(hash, 2)
    }
}

extension ComponentDetails: WireMessage {
    static let messageName: StaticString = "ComponentDetails"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: try decoder.attribute(field, "metadata", into: &metadata)
        case 2: try decoder.component(field, "sub_component_map", into: &components)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(metadata, 1)
        writer.put(components, 2)
    }
}

extension MessageDecoder {
    fileprivate mutating func component(
        _ field: Field, _ name: StaticString, into map: inout [String: ComponentDetails]
    ) throws(OpAMPError) {
        var inside = map
        map = [:]
        try componentNode(field) { decoder throws(OpAMPError) in
            try decoder.entry(field, name, into: &inside)
        }
        map = inside
    }
}
