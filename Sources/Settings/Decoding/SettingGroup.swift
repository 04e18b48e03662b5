/// A section of the configuration: named fields with defaults.
///
/// Defaults are the property initialisers; the list of fields gives every property its key, its summary
/// and its checks. Decoding, printing, JSON Schema and the reference page all come from that list.
///
///     struct Configuration: SettingGroup {
///         var endpoint = "localhost:4317"
///         var timeout = Duration.seconds(5)
///         init() {}
///         static let fields: [Field<Self>] = [
///             Field("endpoint", \.endpoint, "Address to send to.", required: true),
///             Field("timeout", \.timeout, "How long one attempt may take."),
///         ]
///     }
public protocol SettingGroup: SettingValue {
    /// The defaults.
    init()
    /// Every key, in the order in which they are documented.
    static var fields: [Field<Self>] { get }
    /// What is wrong with the combination of values; each alone has already been checked.
    func check() -> [Problem]
}

extension SettingGroup {
    public static var kind: String { "a map" }
    public func check() -> [Problem] { [] }
    public var nested: NestedSection? { NestedSection(self, isPresent: true) }
}
