internal import Pipeline
public import Settings

extension BasicAuth {
    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var htpasswd: Passwords?
        public var clientAuth: ClientCredentials?

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field("htpasswd", \.htpasswd, "Checks requests of receivers against these passwords."),
                Field("client_auth", \.clientAuth, "What exporters send."),
            ]
        }

        public func check() -> [Problem] {
            switch (htpasswd, clientAuth) {
            case (nil, nil):
                [Problem("", "set htpasswd for receivers, or client_auth for exporters")]
            case (.some, .some):
                [
                    Problem(
                        "client_auth", "htpasswd is set as well; use two extensions, such as basicauth/client"
                    )
                ]
            default: []
            }
        }
    }

    /// `htpasswd`.
    public struct Passwords: SettingGroup {
        public var file = ""
        public var inline = Secret("")

        public init() {}

        public static var fields: [Field<Passwords>] {
            [
                Field(
                    "file", \.file,
                    "File with lines `user:password`, hashed or not; read again when it changes."
                ),
                Field("inline", \.inline, "Lines like those of the file, which count before them."),
            ]
        }

        public func check() -> [Problem] {
            file.isEmpty && inline.isEmpty ? [Problem("", "set file or inline")] : []
        }
    }

    /// `client_auth`.
    public struct ClientCredentials: SettingGroup {
        public var username = ""
        public var usernameFile = ""
        public var password = Secret("")
        public var passwordFile = ""

        public init() {}

        public static var fields: [Field<ClientCredentials>] {
            [
                Field("username", \.username, "The name of the user.") {
                    $0.contains(":") ? "must not have a colon" : nil
                },
                Field(
                    "username_file", \.usernameFile,
                    "File with the name; it counts before username and is read again when it changes."
                ),
                Field("password", \.password, "The password."),
                Field(
                    "password_file", \.passwordFile,
                    "Path of a file with the password; it counts before password and is read again when it "
                        + "changes."),
                .unsupported("aws_secrets_manager", "use password_file"),
            ]
        }

        public func check() -> [Problem] {
            username.isEmpty && usernameFile.isEmpty
                ? [Problem("username", "set username or username_file")] : []
        }
    }
}
