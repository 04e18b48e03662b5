internal import Patterns
internal import Pipeline
internal import Telemetry

/// Actions on attributes, ready to be done one after another.
struct ActionList {
    private var steps: [ActionStep] = []

    /// `actions` have passed their checks.
    init(_ actions: [AttributeAction]) throws(ComponentError) {
        for action in actions { steps.append(try Self.step(action)) }
    }

    /// Looks up what actions take from the request of the batch that comes next.
    func begin(_ origin: Origin?) {
        for step in steps { step.begin(origin) }
    }

    /// Does everything to the attributes of a draft.
    func run(on draft: Draft) {
        for step in steps { step.run(on: draft) }
    }

    private static func step(_ action: AttributeAction) throws(ComponentError) -> ActionStep {
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
        case .delete: return DeleteStep(key, pattern)
        case .hash: return HashStep(key, pattern)
        default: break
        }
        guard let key else { throw ComponentError("the action needs a key", key: "key") }
        switch (action.action, pattern, action.convertedType) {
        case (.extract, .some(let pattern), _): return ExtractStep(key, pattern)
        case (.convert, _, .some(let type)): return ConvertStep(key, type)
        default: return put(action, key)
        }
    }

    private static func put(_ action: AttributeAction, _ key: AttributeKey) -> ActionStep {
        let condition: ActionStep.Condition =
            switch action.action {
            case .insert: .ifAbsent
            case .update: .ifThere
            default: .always
            }
        let otherwise = action.defaultValue.flatMap { AttributeValue($0) }.map { EncodedAttribute(key, $0) }
        if let value = action.value.flatMap({ AttributeValue($0) }) {
            return PutStep(EncodedAttribute(key, value), condition)
        }
        if let name = action.fromAttribute, !name.isEmpty {
            return CopyStep(AttributeKey(name), to: key, otherwise: otherwise, condition)
        }
        if let name = action.fromContext, !name.isEmpty {
            return ContextStep(ContextKey(name), to: key, otherwise: otherwise, condition)
        }
        return PutStep(otherwise ?? EncodedAttribute(key, .empty), condition)
    }
}
