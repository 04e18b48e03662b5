public import Wire

/// What went through an agent since its process began: the body of `counters` of `io.apus.flow/v1`.
public struct FlowReport: Sendable, Hashable {
    public static let capability = "io.apus.flow/v1"
    public static let type = "counters"

    /// All pipelines together.
    public var total = Counters()
    public var pipelines: [Pipeline] = []

    /// Numbers of items.
    public struct Counters: Sendable, Hashable {
        /// Taken by receivers.
        public var accepted: UInt64 = 0
        /// Taken by destinations.
        public var delivered: UInt64 = 0
        /// Left out by processors on purpose.
        public var filtered: UInt64 = 0
        /// Given up.
        public var dropped: UInt64 = 0
        /// Not taken by receivers.
        public var refused: UInt64 = 0
        /// In attempts to export that failed.
        public var exportFailures: UInt64 = 0
        /// Waiting in queues now.
        public var queued: UInt64 = 0

        public init() {}
    }

    /// The share of one pipeline.
    public struct Pipeline: Sendable, Hashable {
        public var id = ""
        public var counters = Counters()

        public init() {}

        public init(id: String, counters: Counters) {
            self.id = id
            self.counters = counters
        }
    }

    public init() {}

    public init(total: Counters, pipelines: [Pipeline] = []) {
        self.total = total
        self.pipelines = pipelines
    }

    /// Reads the body of a message.
    public init(decoding bytes: Bytes, limits: MessageLimits = .fromAgent) throws(OpAMPError) {
        self = try MessageDecoder.decode(bytes, limits: limits)
    }

    public func encoded() -> Bytes { wireBytes(capacity: 64) }

    /// The message that carries the report.
    public var message: CustomMessage {
        CustomMessage(capability: Self.capability, type: Self.type, data: encoded().array)
    }
}

extension FlowReport.Counters {
    /// Takes the counter whose number, less `offset`, is that of a field.
    fileprivate mutating func take(_ field: Field, offset: Int) throws(OpAMPError) {
        switch field.number - offset {
        case 1: accepted = try field.varint("accepted")
        case 2: delivered = try field.varint("delivered")
        case 3: filtered = try field.varint("filtered")
        case 4: dropped = try field.varint("dropped")
        case 5: refused = try field.varint("refused")
        case 6: exportFailures = try field.varint("export_failures")
        case 7: queued = try field.varint("queued")
        default: break
        }
    }

    fileprivate func write(to writer: inout Writer, offset: Int) {
        let all = [accepted, delivered, filtered, dropped, refused, exportFailures, queued]
        for (index, value) in all.enumerated() { writer.put(value, index + 1 + offset) }
    }
}

extension FlowReport: WireMessage {
    static let messageName: StaticString = "FlowReport"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 8 else { return try total.take(field, offset: 0) }
        try decoder.countEntry(field)
        try decoder.element(field, "pipelines", into: &pipelines)
    }

    func write(to writer: inout Writer) {
        total.write(to: &writer, offset: 0)
        writer.put(pipelines, 8)
    }
}

extension FlowReport.Pipeline: WireMessage {
    static let messageName: StaticString = "FlowReport.Pipeline"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        guard field.number == 1 else { return try counters.take(field, offset: 1) }
        id = try decoder.text(field, "id")
    }

    func write(to writer: inout Writer) {
        writer.put(id, 1)
        counters.write(to: &writer, offset: 1)
    }
}
