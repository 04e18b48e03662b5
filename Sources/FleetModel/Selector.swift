/// Chooses agents by their labels, in the syntax of Kubernetes:
/// `env=prod, region in (eu, us), tier notin (test), canary, !legacy, zone!=a`.
///
/// All requirements have to hold. An empty selector chooses everything.
public struct Selector: Sendable, Hashable, CustomStringConvertible {
    /// One requirement.
    public enum Requirement: Sendable, Hashable {
        case isOneOf(key: String, [String])
        /// Also holds where there is no such label.
        case isNoneOf(key: String, [String])
        case exists(key: String)
        case doesNotExist(key: String)
    }

    public let requirements: [Requirement]
    /// As it was written.
    public let description: String

    public static let everything = Selector([], "")

    private init(_ requirements: [Requirement], _ text: String) {
        self.requirements = requirements
        description = text
    }

    /// Reads a selector of at most 4 KiB.
    public init(parsing text: String) throws(SelectorError) {
        guard text.utf8.count <= 4096 else { throw SelectorError("a selector has at most 4096 bytes") }
        var requirements: [Requirement] = []
        for part in Self.parts(of: text) {
            let part = Self.trimmed(part)
            if part.isEmpty, requirements.isEmpty, Self.trimmed(text[...]).isEmpty { continue }
            requirements.append(try Self.requirement(part))
        }
        self.init(requirements, text)
    }

    /// The labels that it is about.
    public var keys: Set<String> {
        Set(
            requirements.map { requirement in
                switch requirement {
                case .isOneOf(let key, _), .isNoneOf(let key, _), .exists(let key), .doesNotExist(let key):
                    key
                }
            })
    }

    /// Whether an agent with these labels is chosen.
    public func matches(_ labels: [String: String]) -> Bool { matches { labels[$0] } }

    /// Whether an agent is chosen whose labels `label` knows.
    public func matches(_ label: (String) -> String?) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isOneOf(let key, let values): label(key).map(values.contains) ?? false
            case .isNoneOf(let key, let values): !(label(key).map(values.contains) ?? false)
            case .exists(let key): label(key) != nil
            case .doesNotExist(let key): label(key) == nil
            }
        }
    }

    /// Cuts at commas that are not inside parentheses.
    private static func parts(of text: String) -> [Substring] {
        var parts: [Substring] = []
        var (depth, start) = (0, text.startIndex)
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            case "," where depth == 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    private static func requirement(_ text: Substring) throws(SelectorError) -> Requirement {
        if text.hasPrefix("!"), !text.hasPrefix("!=") {
            return .doesNotExist(key: try key(trimmed(text.dropFirst())))
        }
        if let open = text.firstIndex(of: "(") {
            guard text.hasSuffix(")") else { throw SelectorError("'\(text)' has no closing parenthesis") }
            let words = text[..<open].split(separator: " ")
            let values = try text[text.index(after: open)...].dropLast()
                .split(separator: ",", omittingEmptySubsequences: false)
                .map { value throws(SelectorError) in try Self.value(trimmed(value)) }
            guard words.count == 2 else { throw SelectorError("'\(text)' is not: key in (value, …)") }
            switch words[1] {
            case "in": return .isOneOf(key: try key(words[0]), values)
            case "notin": return .isNoneOf(key: try key(words[0]), values)
            default: throw SelectorError("'\(words[1])' is neither in nor notin")
            }
        }
        guard let sign = text.firstIndex(of: "=") else { return .exists(key: try key(text)) }
        let after = text[text.index(after: sign)...]
        if text[..<sign].hasSuffix("!") {
            return .isNoneOf(
                key: try key(trimmed(text[..<sign].dropLast())), [try value(trimmed(after))])
        }
        let right = after.hasPrefix("=") ? after.dropFirst() : after
        return .isOneOf(key: try key(trimmed(text[..<sign])), [try value(trimmed(right))])
    }

    private static func key(_ text: Substring) throws(SelectorError) -> String {
        guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy(isKeyByte) else {
            throw SelectorError(
                "'\(text)' is not the name of a label: letters, digits and -_./ only, up to 256")
        }
        return String(text)
    }

    private static func value(_ text: Substring) throws(SelectorError) -> String {
        guard text.utf8.count <= 256, !text.contains(where: { "()=!,".contains($0) }) else {
            throw SelectorError("'\(text)' is not the value of a label")
        }
        return String(text)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./".utf8.contains(byte)
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}

/// Why a text is not a selector.
public struct SelectorError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
