internal import Patterns
internal import Pipeline
public import Settings

extension RedactionProcessor {
    /// What masks a value.
    public enum HashFunction: String, SettingChoice {
        case none = ""
        case md5, sha1, sha3
        case hmacSHA256 = "hmac-sha256"
        case hmacSHA512 = "hmac-sha512"
    }

    /// What is told about what was done.
    public enum Summary: String, SettingChoice {
        case silent, info, debug
    }

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var allowAllKeys = false
        public var allowedKeys: [String] = []
        public var ignoredKeys: [String] = []
        public var ignoredKeyPatterns: [String] = []
        public var redactAllTypes = false
        public var blockedKeyPatterns: [String] = []
        public var blockedValues: [String] = []
        public var allowedValues: [String] = []
        public var hashFunction = HashFunction.none
        public var hmacKey: Secret?
        public var summary = Summary.silent

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "allow_all_keys", \.allowAllKeys,
                "Whether attributes stay that are not in allowed_keys; without it an empty list "
                    + "removes all."),
            Field("allowed_keys", \.allowedKeys, "Attributes that stay, with their values looked at."),
            Field("ignored_keys", \.ignoredKeys, "Attributes that stay as they are."),
            Field(
                "ignored_key_patterns", \.ignoredKeyPatterns,
                "Regular expressions (RE2) for keys of attributes that stay as they are."),
            Field(
                "redact_all_types", \.redactAllTypes,
                "Whether values that are no text are looked at too, written as text."),
            Field(
                "blocked_key_patterns", \.blockedKeyPatterns,
                "Regular expressions (RE2) for keys of attributes whose whole value is masked."),
            Field(
                "blocked_values", \.blockedValues,
                "Regular expressions (RE2) for parts of values that are masked."),
            Field(
                "allowed_values", \.allowedValues,
                "Regular expressions (RE2) for values that stay, whatever else matches."),
            Field(
                "hash_function", \.hashFunction,
                "What is masked is replaced by its hash; without a function by ****."),
            Field(
                "hmac_key", \.hmacKey,
                "Key of hmac-sha256 (32 bytes or more) and hmac-sha512 (64 bytes or more)."),
            Field(
                "summary", \.summary,
                "What attributes tell about what was done: nothing, counts (info), or counts "
                    + "and keys (debug)."),
            .unsupported(
                "url_sanitizer",
                "it takes a trained classifier of words; mask parts of addresses with "
                    + "blocked_values, or rewrite "
                    + "them with the processor span or transform"),
            .unsupported(
                "db_sanitizer",
                "it takes a parser for each database; mask literals of queries with blocked_values"),
        ]

        public func check() -> [Problem] {
            var problems: [Problem] = []
            for (key, patterns) in [
                ("ignored_key_patterns", ignoredKeyPatterns), ("blocked_key_patterns", blockedKeyPatterns),
                ("blocked_values", blockedValues), ("allowed_values", allowedValues),
            ] {
                for (index, pattern) in patterns.enumerated() {
                    if let message = RegularExpression.problem(of: pattern) {
                        problems.append(Problem("\(key).\(index)", message))
                    }
                }
            }
            return problems + keyProblems
        }

        private var keyProblems: [Problem] {
            let length = hmacKey?.reveal().utf8.count ?? 0
            switch hashFunction {
            case .hmacSHA256 where length < 32, .hmacSHA512 where length < 64:
                let needed = hashFunction == .hmacSHA256 ? 32 : 64
                return [
                    Problem(
                        hmacKey == nil ? "hash_function" : "hmac_key",
                        "\(hashFunction.rawValue) needs a key of \(needed) bytes or more")
                ]
            case .hmacSHA256, .hmacSHA512: return []
            default:
                return hmacKey == nil
                    ? [] : [Problem("hmac_key", "is used by hmac-sha256 and hmac-sha512 only")]
            }
        }
    }
}
