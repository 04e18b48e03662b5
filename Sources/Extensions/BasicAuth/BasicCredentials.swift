internal import Pipeline
internal import Settings

/// The name and password that exporters send.
struct BasicCredentials: Sendable {
    private let username: String
    private let password: Secret
    private let usernameFile: SecretFile?
    private let passwordFile: SecretFile?

    /// Reads the files that are named.
    init(_ configuration: BasicAuth.ClientCredentials) throws(ComponentError) {
        username = configuration.username
        password = configuration.password
        usernameFile =
            configuration.usernameFile.isEmpty
            ? nil : try SecretFile(configuration.usernameFile, key: "client_auth.username_file")
        passwordFile =
            configuration.passwordFile.isEmpty
            ? nil : try SecretFile(configuration.passwordFile, key: "client_auth.password_file")
        if let usernameFile, usernameFile.line.contains(":") {
            throw ComponentError(
                "the name in \"\(usernameFile.path)\" must not have a colon", key: "client_auth.username_file"
            )
        }
    }

    var files: [SecretFile] { [usernameFile, passwordFile].compactMap { $0 } }

    /// The value of the header field, made of what the files say now.
    var authorization: String {
        let name = usernameFile?.line ?? username
        let secret = passwordFile?.line ?? password.reveal()
        return "Basic " + Base64.encoded("\(name):\(secret)")
    }
}
