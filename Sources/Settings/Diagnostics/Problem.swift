/// What `SettingGroup.check()` finds: the key it is about and what is wrong with it.
///
/// The reader knows where the key was written and makes a `Diagnostic` of it.
public struct Problem: Sendable, Hashable {
    /// The key, relative to the settings that were checked, such as `cert_file` or `tls::cert_file`; empty
    /// for the settings as a whole.
    public let field: String
    public let message: String
    public let severity: Diagnostic.Severity
    /// Where it is, when that is known more precisely than by the key, such as a column inside of a text.
    public let position: Position?
    /// What the author probably meant.
    public let suggestion: String?

    public init(
        _ field: String = "", _ message: String, severity: Diagnostic.Severity = .error,
        at position: Position? = nil, suggestion: String? = nil
    ) {
        self.field = field
        self.message = message
        self.severity = severity
        self.position = position
        self.suggestion = suggestion
    }
}
