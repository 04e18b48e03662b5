internal import Telemetry

/// What a path points at: a place in telemetry that can be read and perhaps set.
public struct Target: Sendable {
    /// What it may hold.
    public let kinds: ValueKinds
    /// What it takes; empty when it cannot be set.
    public let accepts: ValueKinds
    public let get: Getter
    /// Sets it; values of kinds that it does not take are an error.
    public let set: Setter
    /// The map itself, where it is one: changes there touch nothing else.
    public let map: MapTarget?
    /// The attribute that it is, where its key is known.
    var attribute: Attribute?
    /// The string field that it is, for comparisons that make no value.
    let field: Field?

    /// A string field of the draft that is `steps` further out.
    struct Field {
        let steps: UInt8
        let number: Int
    }

    /// An attribute of the draft that is `steps` further out.
    struct Attribute {
        let steps: UInt8
        let key: AttributeKey
    }

    init(
        kinds: ValueKinds, accepts: ValueKinds, get: @escaping Getter, set: @escaping Setter,
        map: MapTarget? = nil, field: Field? = nil
    ) {
        self.kinds = kinds
        self.accepts = accepts
        self.get = get
        self.set = set
        self.map = map
        self.field = field
    }

    /// What puts a value there that is known beforehand: it is encoded once.
    public func assignment(of constant: Value) -> Action {
        guard let attribute, let value = try? constant.attributeValue else {
            return { [set] frame throws(EvaluationError) in try set(frame, constant) }
        }
        let encoded = EncodedAttribute(attribute.key, value)
        return { frame throws(EvaluationError) in
            let draft = frame.draft(attribute.steps)
            if draft.isReadOnly { try draft.checkWritable() }
            draft.set(encoded)
        }
    }
}
