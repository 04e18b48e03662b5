internal import Telemetry
internal import Wire

/// Where everything is in a log record that becomes a part of an entry, found in one walk over it.
///
/// One value serves for record after record, so that nothing is allocated for each of them.
struct ForwardRecord {
    /// What has fields of its own beside the attributes, in the order in which it is written.
    enum Field: Int, CaseIterable {
        case message, severityNumber, severityText, eventName, traceID, spanID, resource, scope

        var name: String { Self.names[rawValue] }

        private static let names = [
            "message", "severity_number", "severity_text", "event_name", "trace_id", "span_id", "resource",
            "scope",
        ]
    }

    /// The attribute that is the tag.
    private static let tagKey = Array("fluent.tag".utf8)
    private static let names = Field.allCases.map { (field: $0, name: Array($0.name.utf8)) }

    private(set) var bytes = Bytes.empty
    /// The attributes that become fields, each with its key and its value in `bytes`.
    private(set) var attributes: [(key: Bytes, value: Bytes)] = []
    private(set) var body: Bytes?
    private(set) var severityNumber: Int64 = 0
    private(set) var severityText = Bytes.empty
    private(set) var eventName = Bytes.empty
    private(set) var traceID = Bytes.empty
    private(set) var spanID = Bytes.empty
    /// The text of the last attribute for it; `nil` when there is none, or it is no text.
    private(set) var tag: Bytes?
    private var time: UInt64 = 0
    private var observedTime: UInt64 = 0

    /// Reads a record; `surroundings` are the fields that all records of a scope have.
    mutating func read(_ record: LogRecordView, surroundings: [Field]) {
        clear(record.message.bytes)
        for field in record.message.fields {
            switch field.number {
            case 1: time = field.bits
            case 2: severityNumber = Int64(Int32(truncatingIfNeeded: field.bits))
            case 3: severityText = bytes[field.value]
            case 5: body = bytes[field.value]
            case 6: readAttribute(bytes[field.value])
            case 9: traceID = bytes[field.value]
            case 10: spanID = bytes[field.value]
            case 11: observedTime = field.bits
            case 12: eventName = bytes[field.value]
            default: break
            }
        }
        // Hardly ever is there such an attribute.
        guard attributes.contains(where: { isTaken($0.key, surroundings) }) else { return }
        attributes = attributes.filter { !isTaken($0.key, surroundings) }
    }

    /// Whether a field of its own has this name.
    private func isTaken(_ key: Bytes, _ surroundings: [Field]) -> Bool {
        guard let field = Self.field(key) else { return false }
        return has(field) || surroundings.contains(field)
    }

    /// Whether there is such a field, but for those of the surroundings.
    func has(_ field: Field) -> Bool {
        switch field {
        case .message: body != nil
        case .severityNumber: severityNumber != 0
        case .severityText: severityText.count > 0
        case .eventName: eventName.count > 0
        case .traceID: traceID.count > 0
        case .spanID: spanID.count > 0
        case .resource, .scope: false
        }
    }

    /// Nanoseconds since 1970; `nil` when the record has no time at all.
    var anyTime: UInt64? { time > 0 ? time : observedTime > 0 ? observedTime : nil }

    private mutating func clear(_ bytes: Bytes) {
        self.bytes = bytes
        attributes.removeAll(keepingCapacity: true)
        (body, tag) = (nil, nil)
        (severityNumber, time, observedTime) = (0, 0, 0)
        (severityText, eventName, traceID, spanID) = (.empty, .empty, .empty, .empty)
    }

    private mutating func readAttribute(_ pair: Bytes) {
        var (key, value) = (Bytes.empty, Bytes.empty)
        for field in WireMessage(pair).fields {
            if field.number == 1 { key = pair[field.value] }
            if field.number == 2 { value = pair[field.value] }
        }
        if Self.isEqual(key, Self.tagKey) {
            tag = Self.text(of: value)
        } else {
            attributes.append((key, value))
        }
    }

    /// The text of a value that is one.
    private static func text(of value: Bytes) -> Bytes? {
        let last = WireMessage(value).fields.reduce(nil) { $1.number <= 8 ? $1 : $0 as WireMessage.Field? }
        guard let last, last.number == 1 else { return nil }
        return value[last.value]
    }

    private static func field(_ key: Bytes) -> Field? {
        names.first { isEqual(key, $0.name) }?.field
    }

    private static func isEqual(_ bytes: Bytes, _ name: [UInt8]) -> Bool {
        bytes.count == name.count && name.indices.allSatisfy { bytes[$0] == name[$0] }
    }
}
