/// Makes names of metrics for Prometheus out of those of OTel.
///
/// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
public struct MetricNamer: Sendable {
    /// What kind of metric is named, as far as names depend on it.
    public enum Kind: Sendable {
        case gauge, monotonicSum, other
    }

    /// Stands before every name; empty for none.
    public let namespace: String
    public let strategy: TranslationStrategy

    public init(namespace: String = "", strategy: TranslationStrategy = .underscoreEscapingWithSuffixes) {
        self.namespace = namespace
        self.strategy = strategy
    }

    /// The name of a metric; `nil` when nothing of it can be kept.
    public func name(of name: String, unit: String, _ kind: Kind) -> String? {
        guard strategy.escapes else {
            let whole = verbatim(name, unit: unit, kind)
            return whole.isEmpty ? nil : whole
        }
        let escaped = strategy.addsSuffixes ? withSuffixes(name, unit: unit, kind) : escaped(name)
        guard !escaped.isEmpty else { return nil }
        return escaped == name || escaped.utf8.contains { $0 != UInt8(ascii: "_") } ? escaped : nil
    }

    private func withSuffixes(_ name: String, unit: String, _ kind: Kind) -> String {
        var tokens = Self.tokens(name, keepsUnderscores: false)
        let (main, per) = Units.suffixes(of: unit)
        Self.addUnit(Self.cleaned(main), Self.cleaned(per), to: &tokens)
        switch kind {
        case .monotonicSum: tokens = tokens.filter { $0 != "total" } + ["total"]
        case .gauge where unit == "1": tokens = tokens.filter { $0 != "ratio" } + ["ratio"]
        case .gauge, .other: break
        }
        if !namespace.isEmpty { tokens.insert(namespace, at: 0) }
        return Self.withoutLeadingDigit(tokens.joined(separator: "_"))
    }

    private static func addUnit(_ main: String, _ per: String, to tokens: inout [String]) {
        let hasMain = main.isEmpty || tokens.contains(main)
        var per = per == "per_" ? "" : per
        if per.hasSuffix("_") { per.removeLast() }
        let hasPer = per.isEmpty || tokens.contains(per)
        if !hasMain { tokens.append(!hasPer && main.hasSuffix("_") ? String(main.dropLast()) : main) }
        if !hasPer { tokens.append(per) }
    }

    private func escaped(_ name: String) -> String {
        let plain = Self.tokens(name, keepsUnderscores: true).joined(separator: "_")
        guard namespace.isEmpty else {
            return Self.tokens(namespace, keepsUnderscores: true).joined(separator: "_") + "_" + plain
        }
        return Self.withoutLeadingDigit(plain)
    }

    private func verbatim(_ name: String, unit: String, _ kind: Kind) -> String {
        var name = namespace.isEmpty ? name : "\(namespace)_\(name)"
        guard strategy.addsSuffixes else { return name }
        var ends: [String] = []
        let isRatio = unit == "1" && kind == .gauge
        if isRatio { ends.append("ratio") }
        if kind == .monotonicSum { ends.append("total") }
        let (main, per) = Units.suffixes(of: unit)
        if !per.isEmpty { ends.append(per) }
        for end in ends where name.hasSuffix(end) && name.utf8.count > end.utf8.count + 1 {
            name = String(name.dropLast(end.count + 1))
        }
        if !main.isEmpty, !name.hasSuffix(main) { name += "_\(main)" }
        return ends.reversed().reduce(name) { "\($0)_\($1)" }
    }

    /// The parts of a name between characters that are not allowed.
    private static func tokens(_ name: String, keepsUnderscores: Bool) -> [String] {
        name.utf8.split { byte in !isAllowed(byte) && !(keepsUnderscores && byte == UInt8(ascii: "_")) }
            .map { String(Substring($0)) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "_") && LabelNames.isLetter(byte) || LabelNames.isDigit(byte)
            || byte == UInt8(ascii: ":")
    }

    private static func withoutLeadingDigit(_ name: String) -> String {
        name.utf8.first.map(LabelNames.isDigit) == true ? "_" + name : name
    }

    /// A part of a unit with nothing but what names may have, and never two `_` in a row or one at the start.
    static func cleaned(_ unit: String) -> String {
        var result = ""
        for scalar in unit.unicodeScalars {
            let isKept = scalar.isASCII && isAllowed(UInt8(truncatingIfNeeded: scalar.value))
            if isKept {
                result.unicodeScalars.append(scalar)
            } else if result.last != "_", !result.isEmpty {
                result.append("_")
            }
        }
        return result
    }

    /// A name of Prometheus without the suffixes that its type and its unit give it.
    ///
    /// - Parameters:
    ///   - name: such as `http_request_duration_seconds`.
    ///   - isSum: whether `_total` says nothing more than the type does.
    ///   - unit: the word for the unit, such as `seconds`; empty when it has none.
    /// - Returns: the rest; the name itself when it has no suffix, or is nothing else.
    public static func trimmed(_ name: String, isSum: Bool, unit: String) -> String {
        var tokens = name.split(separator: "_", omittingEmptySubsequences: false)
        guard tokens.count > 1 else { return name }
        if isSum, tokens.last == "total" { tokens.removeLast() }
        let unitTokens = unit.split(separator: "_", omittingEmptySubsequences: false)
        if tokens.count > unitTokens.count, tokens.suffix(unitTokens.count).elementsEqual(unitTokens) {
            tokens.removeLast(unitTokens.count)
        }
        return tokens.joined(separator: "_")
    }
}
