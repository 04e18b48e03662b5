extension RelabelRule.Definition {
    /// A mistake: the key it is about, and what is wrong with it.
    public struct Mistake: Sendable, Hashable {
        public let key: String
        public let message: String
    }

    /// What is wrong with the combination of the keys, as Prometheus has it.
    public var mistakes: [Mistake] {
        var found: [Mistake] = []
        let name = action.rawValue
        let defaults = RelabelRule.Definition()
        func refuse(_ key: String, unless isFine: Bool, _ message: String) {
            if !isFine { found.append(Mistake(key: key, message: message)) }
        }
        switch action {
        case .replace, .hashMod, .lowercase, .uppercase, .keepEqual, .dropEqual:
            refuse("target_label", unless: !targetLabel.isEmpty, "is required for the action \(name)")
        case .keep, .drop, .labelMap, .labelDrop, .labelKeep: break
        }
        switch action {
        case .hashMod:
            refuse("modulus", unless: modulus > 0, "must be 1 or more for the action hashmod")
        case .lowercase, .uppercase:
            refuse("replacement", unless: replacement == defaults.replacement, "is not used by \(name)")
        case .keepEqual, .dropEqual:
            refuse("regex", unless: regex == defaults.regex, "is not used by \(name)")
            refuse("separator", unless: separator == defaults.separator, "is not used by \(name)")
            refuse("replacement", unless: replacement == defaults.replacement, "is not used by \(name)")
            refuse("modulus", unless: modulus == 0, "is not used by \(name)")
        case .labelDrop, .labelKeep:
            refuse("source_labels", unless: sourceLabels.isEmpty, "is not used by \(name)")
            refuse("target_label", unless: targetLabel.isEmpty, "is not used by \(name)")
            refuse("separator", unless: separator == defaults.separator, "is not used by \(name)")
            refuse("replacement", unless: replacement == defaults.replacement, "is not used by \(name)")
            refuse("modulus", unless: modulus == 0, "is not used by \(name)")
        case .replace, .keep, .drop, .labelMap: break
        }
        return found
    }
}
