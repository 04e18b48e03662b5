internal import Glibc
internal import Patterns
internal import Telemetry

/// Keeps traces in which a resource or a span has an attribute that matches; the other way around, those in
/// which none does.
struct AttributePolicy: TracePolicy {
    private let key: AttributeKey
    private let isInverted: Bool
    private let plainWords: Bool
    private let matches: (_ value: LentValue, _ isOfResource: Bool) -> Bool

    /// `plainWords` says that inverted policies vote like others.
    init(_ settings: TailSampling.NumericAttribute, plainWords: Bool) {
        let (low, high) = (settings.minValue ?? .min, settings.maxValue ?? .max)
        self.init(settings.key, settings.invertMatch, plainWords) { value, _ in
            guard value.number == 3 else { return false }
            let number = Int64(bitPattern: value.bits)
            return number >= low && number <= high
        }
    }

    init(_ settings: TailSampling.BooleanAttribute, plainWords: Bool) {
        let wanted = settings.value
        self.init(settings.key, settings.invertMatch, plainWords) { value, _ in
            value.number == 2 && (value.bits != 0) == wanted
        }
    }

    init(_ settings: TailSampling.StringAttribute, plainWords: Bool) throws(PatternError) {
        let matcher = try StringMatcher(settings)
        self.init(settings.key, settings.invertMatch, plainWords) { value, isOfResource in
            // As in otelcol, what is no text counts as an empty one, and spans with an empty one never match.
            guard let text = value.string else { return isOfResource && matcher.matchesEmpty }
            if text.isEmpty { return isOfResource && matcher.matchesEmpty }
            return matcher.matches(text)
        }
    }

    private init(
        _ key: String, _ isInverted: Bool, _ plainWords: Bool, _ matches: @escaping (LentValue, Bool) -> Bool
    ) {
        self.key = AttributeKey(key)
        self.isInverted = isInverted
        self.plainWords = plainWords
        self.matches = matches
    }

    func vote(_ trace: inout TraceCase) -> Vote {
        let isFound = trace.spans.containsAttribute(key, where: matches)
        switch (isFound, isInverted, plainWords) {
        case (let isFound, false, _): return isFound ? .sampled : .notSampled
        case (let isFound, true, true): return isFound ? .notSampled : .sampled
        case (let isFound, true, false): return isFound ? .invertNotSampled : .invertSampled
        }
    }
}

/// Whether texts are among some values or match one of some expressions.
final class StringMatcher {
    /// The values by their hashes, so that many cost no more than few.
    private let values: [UInt64: [[UInt8]]]
    private let longest: Int
    private let expressions: [RegularExpression]
    /// What was found out about texts, each in the place that its hash says; a text that comes later takes
    /// the place of an earlier one.
    private var results: [(text: [UInt8], matches: Bool)?]
    let matchesEmpty: Bool

    init(_ settings: TailSampling.StringAttribute) throws(PatternError) {
        guard settings.enabledRegexMatching else {
            let texts = settings.values.filter { !$0.isEmpty }.map { Array($0.utf8) }
            values = Dictionary(grouping: texts) { $0.withUnsafeBytes { Self.hash($0) } }
            longest = texts.map { $0.count }.max() ?? 0
            expressions = []
            results = []
            matchesEmpty = false
            return
        }
        values = [:]
        longest = 0
        var expressions: [RegularExpression] = []
        for pattern in settings.values { expressions.append(try RegularExpression(pattern)) }
        self.expressions = expressions
        matchesEmpty = expressions.contains { $0.matches("") }
        let places =
            settings.cacheMaxSize > 0 ? settings.cacheMaxSize : TailSampling.StringAttribute.defaultCache
        results = Array(repeating: nil, count: places)
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        guard !expressions.isEmpty else {
            guard text.count <= longest, let candidates = values[Self.hash(text)] else { return false }
            return candidates.contains { $0.count == text.count && isSame($0, text) }
        }
        // Long texts are rarely the same, and what is remembered has to be bounded in bytes too.
        guard text.count <= 256 else { return expressions.contains { $0.matches(text) } }
        let place = Int(Self.hash(text) % UInt64(results.count))
        if let known = results[place], known.text.count == text.count, isSame(known.text, text) {
            return known.matches
        }
        let matches = expressions.contains { $0.matches(text) }
        results[place] = (Array(text), matches)
        return matches
    }

    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        text.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    private func isSame(_ value: [UInt8], _ text: UnsafeRawBufferPointer) -> Bool {
        value.withUnsafeBytes { value in
            guard let left = value.baseAddress, let right = text.baseAddress else { return text.isEmpty }
            return memcmp(left, right, text.count) == 0
        }
    }
}

/// Keeps traces with a span whose tracestate has a member with one of some values.
struct TraceStatePolicy: TracePolicy {
    private let key: String
    private let values: Set<String>

    init(_ settings: TailSampling.TraceStateMatch) {
        key = settings.key
        // W3C Trace Context bounds a member to 256 bytes, `=` included.
        values = Set(settings.values.filter { !$0.isEmpty && settings.key.utf8.count + $0.utf8.count < 256 })
    }

    func vote(_ trace: inout TraceCase) -> Vote {
        let isFound = trace.spans.containsTraceState { memory in
            let text = String(decoding: memory, as: UTF8.self)
            return text.split(separator: ",").contains { isWanted($0) }
        }
        return isFound ? .sampled : .notSampled
    }

    private func isWanted(_ member: Substring) -> Bool {
        let member = member.drop { $0 == " " || $0 == "\t" }
        guard let equals = member.firstIndex(of: "="), member[..<equals] == key else { return false }
        var value = member[member.index(after: equals)...]
        while value.last == " " || value.last == "\t" { value.removeLast() }
        return values.contains(String(value))
    }
}
