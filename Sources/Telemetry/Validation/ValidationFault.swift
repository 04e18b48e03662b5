/// What the validator found wrong, kept small so that the hot path only stores numbers.
struct ValidationFault {
    enum Reason {
        case truncated, varintTooLong, invalidTag, invalidGroup, wireType
        case notUTF8, idLength, packedLength, tooDeep, occursTwice
    }

    let reason: Reason
    let offset: Int
    let message: MessageKind
    /// Number of the field; 0 when the fault is before the field is known.
    let field: Int

    /// The error that a sender reads.
    var error: InvalidTelemetry {
        let schema = Schema.shared
        let place = field == 0 ? schema.name(of: message) : schema.name(of: message, field: field)
        let text =
            switch reason {
            case .truncated: "\(place) ends after the message that holds it"
            case .varintTooLong: "\(place) holds a varint of more than 64 bits"
            case .invalidTag: "\(place) holds an invalid field tag"
            case .invalidGroup: "\(place) holds a group that is not closed or nests too deeply"
            case .wireType: "\(place) has the wrong wire type"
            case .notUTF8: "\(place) is not valid UTF-8"
            case .idLength: "\(place) has the wrong length"
            case .packedLength: "\(place) is not a whole number of values"
            case .tooDeep: "\(place) nests more than \(Validator.nestingLimit) values deep"
            case .occursTwice: "\(place) occurs more than once"
            }
        return InvalidTelemetry(reason: text, offset: offset)
    }
}
