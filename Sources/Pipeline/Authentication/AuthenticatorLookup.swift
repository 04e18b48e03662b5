/// Finds the extension that `authenticator` names.
enum AuthenticatorLookup {
    /// The key that names the authenticator of a client or a server.
    static let key = "auth.authenticator"

    /// The extension called `text`; throws when the configuration does not enable it, naming `key`.
    static func find(
        _ text: String, key: String = AuthenticatorLookup.key, in context: Context
    ) throws(ComponentError) -> any Extension {
        guard let id = ComponentID(parsing: text), let found = context.extensionNamed(id) else {
            throw ComponentError(
                "there is no extension '\(text)' in service::extensions; add it there, or correct the name",
                key: key)
        }
        return found
    }

    /// What is wrong with a reference, or `nil`.
    static let check: @Sendable (String) -> String? = { id in
        ComponentID(parsing: id) == nil ? "must be the id of an extension, such as basicauth" : nil
    }
}
