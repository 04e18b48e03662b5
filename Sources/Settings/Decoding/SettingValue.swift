/// A type that a field of `SettingGroup` may have.
///
/// One conformance gives reading, printing and description, so they cannot disagree.
public protocol SettingValue: Sendable {
    /// What is expected, for messages and documentation, such as `a whole number`.
    static var kind: String { get }
    /// The JSON Schema (2020-12) of the value, as a tree.
    static var schema: Tree { get }
    /// What writing the key without a value does; see `NullMeaning`.
    static var nullMeaning: NullMeaning { get }
    /// The section inside the value, for documentation; `nil` when it has none.
    var nested: NestedSection? { get }

    /// Reads a value; reports what is wrong to the reader and returns `nil`.
    ///
    /// - Parameters:
    ///   - tree: What was written; never null unless `nullMeaning` is `.value`.
    ///   - existing: The default, on top of which a section is read.
    ///   - reader: Takes the mistakes, and knows the path.
    /// - Returns: The value; `nil` when it is wrong.
    static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self?

    /// The value as configuration: reading the result gives the value back, unless secrets are hidden.
    /// `nil` when only leaving the key out says it.
    func tree(_ secrets: SecretVisibility) -> Tree?
}

extension SettingValue {
    public static var nullMeaning: NullMeaning { .absent }
    public var nested: NestedSection? { nil }
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

/// A section inside a value, as the reference page shows it.
public struct NestedSection: Sendable {
    /// How often the section may be written.
    public enum Shape: Sendable {
        /// Once.
        case single
        /// As elements of a list.
        case listed
        /// Under names of the user's choice.
        case named
    }

    /// The section with its defaults.
    public let settings: any SettingGroup
    public let shape: Shape
    /// Whether the section is there when nobody writes it.
    public let isPresent: Bool

    public init(_ settings: any SettingGroup, shape: Shape = .single, isPresent: Bool) {
        self.settings = settings
        self.shape = shape
        self.isPresent = isPresent
    }

    /// The section of a type, absent by default; `nil` when the type is none.
    init?(of type: any SettingValue.Type, shape: Shape) {
        guard let type = type as? any SettingGroup.Type else { return nil }
        self.init(type.init(), shape: shape, isPresent: false)
    }
}
