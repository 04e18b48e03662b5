internal import Patterns
internal import Telemetry
internal import Wire

/// One action, ready to be done.
///
/// A class and not an enumeration: what an action needs (keys, values, expressions) is then neither copied
/// nor counted when it is used, which costs more than the action itself.
class ActionStep {
    /// When an attribute is set.
    enum Condition {
        case ifAbsent, ifThere, always
    }

    /// Looks up what comes from the request of the batch that comes next.
    func begin(_ origin: Origin?) {}

    /// Does it to the attributes of a draft.
    func run(on draft: Draft) {}

    /// Sets an attribute if the condition holds.
    @inline(__always)
    final func put(_ attribute: EncodedAttribute, _ condition: Condition, on draft: Draft) {
        switch condition {
        case .ifAbsent: draft.insert(attribute)
        case .ifThere: draft.update(attribute)
        case .always: draft.set(attribute)
        }
    }
}

/// Sets an attribute to a value that never changes.
final class PutStep: ActionStep {
    private let attribute: EncodedAttribute
    private let condition: Condition

    init(_ attribute: EncodedAttribute, _ condition: Condition) {
        self.attribute = attribute
        self.condition = condition
    }

    override func run(on draft: Draft) { put(attribute, condition, on: draft) }
}

/// Sets an attribute to something about the request, which is looked up once for each batch.
final class ContextStep: ActionStep {
    private let name: ContextKey
    private let key: AttributeKey
    private let otherwise: EncodedAttribute?
    private let condition: Condition
    private var attribute: EncodedAttribute?

    init(_ name: ContextKey, to key: AttributeKey, otherwise: EncodedAttribute?, _ condition: Condition) {
        self.name = name
        self.key = key
        self.otherwise = otherwise
        self.condition = condition
    }

    override func begin(_ origin: Origin?) {
        attribute = name.value(in: origin).map { EncodedAttribute(key, .string($0)) } ?? otherwise
    }

    override func run(on draft: Draft) {
        if let attribute { put(attribute, condition, on: draft) }
    }
}

/// Sets an attribute to the value of another one.
final class CopyStep: ActionStep {
    private let name: AttributeKey
    private let key: AttributeKey
    private let otherwise: EncodedAttribute?
    private let condition: Condition

    init(_ name: AttributeKey, to key: AttributeKey, otherwise: EncodedAttribute?, _ condition: Condition) {
        self.name = name
        self.key = key
        self.otherwise = otherwise
        self.condition = condition
    }

    override func run(on draft: Draft) {
        switch condition {
        case .ifAbsent: if draft.has(key) { return }
        case .ifThere: if !draft.has(key) { return }
        case .always: break
        }
        if let value = draft.attribute(name) {
            draft.set(key, .encoded(value))
        } else if let otherwise {
            draft.set(otherwise)
        }
    }
}

/// Takes out attributes.
final class DeleteStep: ActionStep {
    private let key: AttributeKey?
    private let pattern: RegularExpression?

    init(_ key: AttributeKey?, _ pattern: RegularExpression?) {
        self.key = key
        self.pattern = pattern
    }

    override func run(on draft: Draft) {
        if let key { draft.remove(key) }
        if let pattern { draft.editAttributes { key, _ in pattern.matches(key) ? .remove : .keep } }
    }
}

/// Puts hashes in place of values.
final class HashStep: ActionStep {
    private let key: AttributeKey?
    private let pattern: RegularExpression?

    init(_ key: AttributeKey?, _ pattern: RegularExpression?) {
        self.key = key
        self.pattern = pattern
    }

    override func run(on draft: Draft) {
        if let key, let text = draft.withAttribute(key, { AttributeHash.text(of: $0) }) {
            draft.update(key, .string(text))
        }
        guard let pattern else { return }
        draft.editAttributes { key, value in
            pattern.matches(key) ? .replace(.string(AttributeHash.text(of: value))) : .keep
        }
    }
}

/// Makes attributes of what the groups of an expression match.
final class ExtractStep: ActionStep {
    private let key: AttributeKey
    private let pattern: RegularExpression
    private let names: [AttributeKey]

    init(_ key: AttributeKey, _ pattern: RegularExpression) {
        self.key = key
        self.pattern = pattern
        names = pattern.groupNames.map { AttributeKey($0 ?? "") }
    }

    override func run(on draft: Draft) {
        let text = draft.withAttribute(key) { value in value.string.map { Bytes(copying: $0) } } ?? nil
        guard let text, let match = pattern.firstMatch(in: text) else { return }
        for index in 1..<names.count {
            draft.set(names[index], .string(match[index].map { text[$0].string } ?? ""))
        }
    }
}

/// Changes the type of an attribute.
final class ConvertStep: ActionStep {
    private let key: AttributeKey
    private let type: AttributeAction.Target

    init(_ key: AttributeKey, _ type: AttributeAction.Target) {
        self.key = key
        self.type = type
    }

    override func run(on draft: Draft) {
        if let value = draft.withAttribute(key, { converted($0) }) ?? nil { draft.update(key, value) }
    }

    /// The value in the other type; `nil` when it has the type already or cannot be converted.
    private func converted(_ value: LentValue) -> AttributeValue? {
        switch (type, value.number) {
        case (.string, 1), (.int, 3), (.double, 4): return nil
        case (.string, _): return .string(value.view.text)
        case (.int, 2): return .int(value.bits == 0 ? 0 : 1)
        case (.double, 2): return .double(value.bits == 0 ? 0 : 1)
        case (.int, 4): return .int(GoNumber.int64(Double(bitPattern: value.bits)))
        case (.double, 3): return .double(Double(Int64(bitPattern: value.bits)))
        case (.int, 1): return value.string.flatMap { GoNumber.int64($0) }.map { .int($0) }
        case (.double, 1): return value.string.flatMap { GoNumber.double($0) }.map { .double($0) }
        default: return nil
        }
    }
}
