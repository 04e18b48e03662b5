internal import Wire

/// What an agent is and where it runs.
public struct AgentDescription: Sendable, Hashable {
    /// What makes it out among others, such as `service.name` and `service.instance.id`.
    public var identifyingAttributes: [KeyValue] = []
    /// Where it runs, such as `os.type` and `host.name`.
    public var nonIdentifyingAttributes: [KeyValue] = []

    public init() {}

    public init(identifyingAttributes: [KeyValue], nonIdentifyingAttributes: [KeyValue] = []) {
        self.identifyingAttributes = identifyingAttributes
        self.nonIdentifyingAttributes = nonIdentifyingAttributes
    }
}

extension AgentDescription: WireMessage {
    static let messageName: StaticString = "AgentDescription"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: try decoder.attribute(field, "identifying_attributes", into: &identifyingAttributes)
        case 2: try decoder.attribute(field, "non_identifying_attributes", into: &nonIdentifyingAttributes)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(identifyingAttributes, 1)
        writer.put(nonIdentifyingAttributes, 2)
    }
}
