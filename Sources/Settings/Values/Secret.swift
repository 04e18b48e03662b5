/// Text that must not be seen: a password, a token, a key.
///
/// It prints as `***` and a fingerprint, wherever it is printed from; only `reveal()` gives the text.
public struct Secret: Sendable, Hashable, ExpressibleByStringLiteral {
    private let text: String

    public init(_ text: String) { self.text = text }

    public init(stringLiteral text: String) { self.text = text }

    /// The text itself, which whoever calls this must not print.
    public func reveal() -> String { text }

    /// Whether there is no text.
    public var isEmpty: Bool { text.isEmpty }

    /// Sixteen bits of an FNV-1a hash: enough to see that two places have the same secret or that one was
    /// changed, too little to confirm a guess.
    public var fingerprint: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let folded = UInt16(truncatingIfNeeded: hash ^ (hash >> 16) ^ (hash >> 32) ^ (hash >> 48))
        let digits = String(folded, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { text.isEmpty ? "" : "***(\(fingerprint))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: SettingValue {
    public static var kind: String { "text" }
    public static var schema: Tree {
        .table(["type": .text("string"), "writeOnly": .bool(true), "format": .text("password")])
    }

    public static func read(_ tree: Tree, over existing: Secret?, with reader: inout SettingReader) -> Secret?
    {
        reader.noteSecrets(in: tree)
        if let text = tree.text { return Secret(text) }
        reader.error("must be text, not \(tree.kind)", at: tree.position)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        switch secrets {
        case .hidden: .text(description)
        case .revealed: .text(text)
        }
    }
}
