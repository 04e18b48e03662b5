internal import Crypto
internal import Patterns
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Wire

/// Decides about keys and values, and masks.
struct Masker {
    /// What becomes of something by its key alone.
    enum Verdict {
        case ignored, removed, masked, lookedAt
    }

    private let allowedKeys: KeySet?
    private let ignoredKeys: KeySet
    private let ignoredPatterns: [RegularExpression]
    private let blockedPatterns: [RegularExpression]
    private let blockedValues: [RegularExpression]
    /// Matches when one of several does; asked first, since most values match none.
    private let anyBlockedValue: RegularExpression?
    private let allowedValues: [RegularExpression]
    private let everything: RegularExpression
    private let hash: RedactionProcessor.HashFunction
    private let key: SymmetricKey

    init(_ settings: RedactionProcessor.Configuration) throws(PatternError) {
        allowedKeys = settings.allowAllKeys ? nil : KeySet(settings.allowedKeys + Summary.allKeys)
        ignoredKeys = KeySet(settings.ignoredKeys)
        ignoredPatterns = try Self.expressions(settings.ignoredKeyPatterns)
        blockedPatterns = try Self.expressions(settings.blockedKeyPatterns)
        blockedValues = try Self.expressions(settings.blockedValues)
        allowedValues = try Self.expressions(settings.allowedValues)
        everything = try RegularExpression(".*")
        hash = settings.hashFunction
        key = SymmetricKey(data: Array((settings.hmacKey?.reveal() ?? "").utf8))
        let union = settings.blockedValues.map { "(?:\($0))" }.joined(separator: "|")
        // Two expressions with groups of the same name cannot be one; then each is asked.
        anyBlockedValue = blockedValues.count > 1 ? try? RegularExpression(union) : nil
    }

    private static func expressions(_ patterns: [String]) throws(PatternError) -> [RegularExpression] {
        var expressions: [RegularExpression] = []
        for pattern in patterns { expressions.append(try RegularExpression(pattern)) }
        return expressions
    }

    /// Whether an attribute stays as it is, goes, or is looked at; masking comes after `allows`.
    func verdict(_ key: UnsafeRawBufferPointer) -> Verdict {
        if ignoredKeys.contains(key) || ignoredPatterns.contains(where: { $0.matches(key) }) {
            return .ignored
        }
        if let allowedKeys, !allowedKeys.contains(key) { return .removed }
        return blockedPatterns.contains { $0.matches(key) } ? .masked : .lookedAt
    }

    /// Whether a value stays, whatever else matches.
    func allows(_ value: UnsafeRawBufferPointer) -> Bool { allowedValues.contains { $0.matches(value) } }

    /// Whether a part of a value would be masked.
    func blocks(_ value: UnsafeRawBufferPointer) -> Bool {
        if let anyBlockedValue { return anyBlockedValue.matches(value) }
        return blockedValues.contains { $0.matches(value) }
    }

    /// The value with what is blocked masked; `nil` when that changes nothing.
    func masked(_ value: Bytes) -> String? {
        var text = value
        for expression in blockedValues { text = replacing(expression, in: text) ?? text }
        return text.array == value.array ? nil : text.string
    }

    /// The whole value masked, line by line.
    func maskedWhole(_ value: Bytes) -> String { (replacing(everything, in: value) ?? value).string }

    private func replacing(_ expression: RegularExpression, in text: Bytes) -> Bytes? {
        expression.replacingMatches(in: text) { (match, result) throws(Never) in
            result.append(Bytes(utf8: mask(text[match.range])))
        }
    }

    private func mask(_ value: Bytes) -> String {
        let data = value.array
        return switch hash {
        case .none: "****"
        case .md5: Hexadecimal.text(of: Insecure.MD5.hash(data: data))
        case .sha1: Hexadecimal.text(of: Insecure.SHA1.hash(data: data))
        case .sha3: Hexadecimal.text(of: SHA3_256.hash(data: data))
        case .hmacSHA256: Hexadecimal.text(of: HMAC<SHA256>.authenticationCode(for: data, using: key))
        case .hmacSHA512: Hexadecimal.text(of: HMAC<SHA512>.authenticationCode(for: data, using: key))
        }
    }
}

/// A set of keys that is asked for wire bytes.
struct KeySet {
    private let buckets: [[Bytes]]

    init(_ keys: [String]) {
        var size = 1
        while size < keys.count * 2 { size *= 2 }
        var buckets: [[Bytes]] = Array(repeating: [], count: keys.isEmpty ? 0 : size)
        for key in keys {
            let bytes = Bytes(utf8: key)
            let bucket = bytes.withUnsafeBytes { Self.hash($0) } & (size - 1)
            buckets[bucket].append(bytes)
        }
        self.buckets = buckets
    }

    func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        guard !buckets.isEmpty else { return false }
        return buckets[Self.hash(key) & (buckets.count - 1)].contains { candidate in
            candidate.count == key.count && candidate.withUnsafeBytes { $0.elementsEqual(key) }
        }
    }

    /// Length and a few characters tell keys apart well enough.
    private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
        guard let first = key.first, let last = key.last else { return 0 }
        return key.count &* 31 &+ Int(first) &* 7 &+ Int(last) &* 17 &+ Int(key[key.count / 2]) &* 3
    }
}
