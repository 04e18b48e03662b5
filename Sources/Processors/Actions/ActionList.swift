internal import Patterns
internal import Pipeline
internal import Telemetry
internal import Wire

/// Actions on attributes, ready to be done one after another.
struct ActionList {
    private enum Condition {
        case ifAbsent, ifThere, always
    }

    /// Where a value comes from that is not the same for all records.
    private enum Source {
        case attribute(AttributeKey, otherwise: EncodedAttribute?)
        /// Looked up once for each batch.
        case context(ContextKey, otherwise: EncodedAttribute?)
    }

    private enum Step {
        case put(EncodedAttribute, Condition)
        case copy(AttributeKey, Source, Condition)
        case delete(AttributeKey?, RegularExpression?)
        case hash(AttributeKey?, RegularExpression?)
        case extract(AttributeKey, RegularExpression, [AttributeKey])
        case convert(AttributeKey, AttributeAction.Target)
    }

    private var steps: [Step] = []
    /// What comes from the request of the present batch, one for each step.
    private var fromContext: [EncodedAttribute?] = []

    /// `actions` have passed their checks.
    init(_ actions: [AttributeAction]) throws(ComponentError) {
        for action in actions { steps.append(try Self.step(action)) }
        fromContext = steps.map { _ in nil }
    }

    private static func step(_ action: AttributeAction) throws(ComponentError) -> Step {
        let key: AttributeKey? = action.key.isEmpty ? nil : AttributeKey(action.key)
        var pattern: RegularExpression?
        if let text = action.pattern, !text.isEmpty {
            do throws(PatternError) {
                pattern = try RegularExpression(text)
            } catch {
                throw ComponentError("is not a regular expression of RE2: \(error)", key: "pattern")
            }
        }
        switch action.action {
        case .delete: return .delete(key, pattern)
        case .hash: return .hash(key, pattern)
        default: break
        }
        guard let key else { throw ComponentError("the action needs a key", key: "key") }
        switch (action.action, pattern, action.convertedType) {
        case (.extract, .some(let pattern), _):
            return .extract(key, pattern, pattern.groupNames.map { AttributeKey($0 ?? "") })
        case (.convert, _, .some(let type)): return .convert(key, type)
        default: return put(action, key)
        }
    }

    private static func put(_ action: AttributeAction, _ key: AttributeKey) -> Step {
        let condition: Condition =
            switch action.action {
            case .insert: .ifAbsent
            case .update: .ifThere
            default: .always
            }
        let otherwise = action.defaultValue.flatMap { AttributeValue($0) }.map { EncodedAttribute(key, $0) }
        if let value = action.value.flatMap({ AttributeValue($0) }) {
            return .put(EncodedAttribute(key, value), condition)
        }
        if let name = action.fromAttribute, !name.isEmpty {
            return .copy(key, .attribute(AttributeKey(name), otherwise: otherwise), condition)
        }
        if let name = action.fromContext, !name.isEmpty {
            return .copy(key, .context(ContextKey(name), otherwise: otherwise), condition)
        }
        return .put(otherwise ?? EncodedAttribute(key, .empty), condition)
    }

    /// Looks up what actions take from the request of the batch that comes next.
    mutating func begin(_ origin: Origin?) {
        for index in steps.indices {
            guard case .copy(let key, .context(let name, let otherwise), _) = steps[index] else { continue }
            fromContext[index] =
                name.value(in: origin).map { EncodedAttribute(key, .string($0)) } ?? otherwise
        }
    }

    /// Does everything to the attributes of a draft.
    func run(on draft: Draft) {
        for index in steps.indices {
            switch steps[index] {
            case .put(let attribute, let condition): Self.put(attribute, condition, on: draft)
            case .copy(let key, .attribute(let name, let otherwise), let condition):
                Self.copy(name, to: key, otherwise, condition, on: draft)
            case .copy(_, .context, let condition):
                if let attribute = fromContext[index] { Self.put(attribute, condition, on: draft) }
            case .delete(let key, let pattern):
                if let key { draft.remove(key) }
                if let pattern {
                    draft.editAttributes { key, _ in pattern.matches(key) ? .remove : .keep }
                }
            case .hash(let key, let pattern):
                if let key, let text = draft.withAttribute(key, { AttributeHash.text(of: $0) }) {
                    draft.update(key, .string(text))
                }
                if let pattern {
                    draft.editAttributes { key, value in
                        pattern.matches(key) ? .replace(.string(AttributeHash.text(of: value))) : .keep
                    }
                }
            case .extract(let key, let pattern, let names): Self.extract(key, pattern, names, on: draft)
            case .convert(let key, let type):
                if let value = draft.withAttribute(key, { Self.converted($0, to: type) }) ?? nil {
                    draft.update(key, value)
                }
            }
        }
    }

    private static func put(_ attribute: EncodedAttribute, _ condition: Condition, on draft: Draft) {
        switch condition {
        case .ifAbsent: draft.insert(attribute)
        case .ifThere: draft.update(attribute)
        case .always: draft.set(attribute)
        }
    }

    private static func copy(
        _ name: AttributeKey, to key: AttributeKey, _ otherwise: EncodedAttribute?, _ condition: Condition,
        on draft: Draft
    ) {
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

    private static func extract(
        _ key: AttributeKey, _ pattern: RegularExpression, _ names: [AttributeKey], on draft: Draft
    ) {
        let text = draft.withAttribute(key) { value in value.string.map { Bytes(copying: $0) } } ?? nil
        guard let text, let match = pattern.firstMatch(in: text) else { return }
        for index in 1..<names.count {
            draft.set(names[index], .string(match[index].map { text[$0].string } ?? ""))
        }
    }

    /// The value in another type; `nil` when it has the type already or cannot be converted.
    private static func converted(_ value: LentValue, to type: AttributeAction.Target) -> AttributeValue? {
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

/// Numbers as Go reads and converts them.
enum GoNumber {
    /// The number without its fraction; what does not fit becomes the lowest integer, as on x86-64.
    static func int64(_ double: Double) -> Int64 { Int64(exactly: double.rounded(.towardZero)) ?? .min }

    /// Reads decimal digits with an optional sign; `nil` for anything else.
    static func int64(_ text: UnsafeRawBufferPointer) -> Int64? {
        Int64(String(decoding: text, as: UTF8.self))
    }

    /// Reads a decimal or hexadecimal number, an infinity or NaN; `nil` for anything else and for numbers
    /// that are too large.
    static func double(_ text: UnsafeRawBufferPointer) -> Double? {
        let text = String(decoding: text, as: UTF8.self)
        guard let double = Double(text) else { return nil }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return double.isInfinite && text.utf8.contains(where: isDigit) ? nil : double
    }
}
