/// A type that a field of `Settings` may have.
///
/// One conformance gives reading, printing and description, so they cannot disagree.
public protocol SettingValue: Sendable {
    /// What is expected, for messages and documentation, such as `a whole number`.
    static var kind: String { get }
    /// The JSON Schema (2020-12) of the value, as a tree.
    static var schema: Tree { get }
    /// What writing the key without a value does; see `NullMeaning`.
    static var nullMeaning: NullMeaning { get }

    /// Reads a value; reports what is wrong to the reader and returns `nil`.
    ///
    /// - Parameters:
    ///   - tree: What was written; never null unless `nullMeaning` is `.value`.
    ///   - existing: The default, on top of which a section is read.
    ///   - reader: Takes the mistakes, and knows the path.
    static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self?

    /// The value as configuration: reading the result gives the value back, unless secrets are hidden. `nil` when
    /// only leaving the key out says it.
    func tree(_ secrets: SecretVisibility) -> Tree?
}

extension SettingValue {
    public static var nullMeaning: NullMeaning { .absent }
}

/// What a key without a value (`grpc:`) means.
public enum NullMeaning: Sendable {
    /// As if the key were not there: the default stays.
    case absent
    /// A value of its own: the type reads it.
    case value
}

/// Whether secrets are readable in what is printed.
public enum SecretVisibility: Sendable, CaseIterable {
    /// `***` and a fingerprint.
    case hidden
    /// As configured; for those who are allowed to see it.
    case revealed
}
