internal import Crypto
public import Patterns
internal import Wire

/// One rule of `relabel_configs` or `metric_relabel_configs`, compiled.
public struct RelabelRule: Sendable {
    /// What a rule is made of; the defaults are those of Prometheus.
    public struct Definition: Sendable, Hashable {
        public var sourceLabels: [String] = []
        public var separator = ";"
        public var targetLabel = ""
        public var regex = "(.*)"
        public var modulus: UInt64 = 0
        public var replacement = "$1"
        public var action = RelabelAction.replace

        public init() {}
    }

    /// Bytes that a replacement may make: 64 KiB.
    public static let lengthLimit = 64 << 10

    private let definition: Definition
    private let regex: RegularExpression
    private let target: Replacement
    private let replacement: Replacement

    /// Compiles a rule; throws what is wrong with its expression.
    public init(_ definition: Definition) throws(PatternError) {
        // Compiled alone first, so that messages are about what was written.
        _ = try RegularExpression(definition.regex)
        self.definition = definition
        regex = try RegularExpression("^(?s:\(definition.regex))$")
        target = Replacement(definition.targetLabel, for: regex)
        replacement = Replacement(definition.replacement, for: regex)
    }

    /// Changes `labels`; returns whether what has them is kept.
    public func apply(to labels: inout LabelSet) -> Bool {
        switch definition.action {
        case .keep: return matches(source(labels))
        case .drop: return !matches(source(labels))
        case .keepEqual: return labels[definition.targetLabel] == source(labels)
        case .dropEqual: return labels[definition.targetLabel] != source(labels)
        case .replace: replace(in: &labels)
        case .hashMod: labels[definition.targetLabel] = String(hash(of: source(labels)))
        case .lowercase: labels[definition.targetLabel] = source(labels).lowercased()
        case .uppercase: labels[definition.targetLabel] = source(labels).uppercased()
        case .labelMap: map(&labels)
        case .labelDrop: labels.removeAll { matches($0.name) }
        case .labelKeep: labels.removeAll { !matches($0.name) }
        }
        return true
    }

    private func source(_ labels: LabelSet) -> String {
        guard definition.sourceLabels.count != 1 else { return labels[definition.sourceLabels[0]] }
        return definition.sourceLabels.map { labels[$0] }.joined(separator: definition.separator)
    }

    private func matches(_ text: String) -> Bool { regex.matches(text) }

    private func replace(in labels: inout LabelSet) {
        let text = Bytes(utf8: source(labels))
        guard let match = regex.firstMatch(in: text) else { return }
        let name = expand(target, match, text)
        guard !name.isEmpty, name.utf8.count <= Self.lengthLimit else { return }
        let value = expand(replacement, match, text)
        guard value.utf8.count <= Self.lengthLimit else { return }
        labels[name] = value
    }

    private func expand(
        _ template: Replacement, _ match: RegularExpression.Match, _ text: Bytes
    ) -> String {
        var builder = BytesBuilder()
        template.write(match, in: text, to: &builder)
        return builder.finish().string
    }

    private func map(_ labels: inout LabelSet) {
        for label in labels.labels {
            let name = Bytes(utf8: label.name)
            guard let match = regex.firstMatch(in: name) else { continue }
            let target = expand(replacement, match, name)
            if !target.isEmpty, target.utf8.count <= Self.lengthLimit { labels[target] = label.value }
        }
    }

    /// The last eight bytes of the MD5 of the text as a number, as Prometheus takes them.
    private func hash(of text: String) -> UInt64 {
        let number = Insecure.MD5.hash(data: Array(text.utf8)).dropFirst(8).reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        return definition.modulus == 0 ? 0 : number % definition.modulus
    }
}

extension [RelabelRule] {
    /// Applies the rules in their order; returns whether what has the labels is kept.
    public func apply(to labels: inout LabelSet) -> Bool {
        for rule in self where !rule.apply(to: &labels) { return false }
        return true
    }
}
