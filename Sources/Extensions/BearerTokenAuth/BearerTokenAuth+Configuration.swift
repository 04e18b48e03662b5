internal import Pipeline
public import Settings

extension BearerTokenAuth {
    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var header = "Authorization"
        public var scheme = "Bearer"
        public var token = Secret("")
        public var tokens: [Secret] = []
        public var filename = ""

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "header", \.header, "The header field that has the token.",
                    check: { HeaderRules.problem(ofName: $0) }),
                Field(
                    "scheme", \.scheme, "The word in front of the token; empty is none.",
                    check: { HeaderRules.problem(ofValue: $0) }),
                Field(
                    "token", \.token, "The token.", check: { HeaderRules.problem(ofValue: $0.reveal()) }),
                Field(
                    "tokens", \.tokens,
                    "Tokens instead of one: receivers accept each of them, exporters send the first."
                ) { tokens in
                    if tokens.contains(where: { $0.isEmpty }) { return "must not have an empty token" }
                    return tokens.lazy.compactMap { HeaderRules.problem(ofValue: $0.reveal()) }.first
                },
                Field(
                    "filename", \.filename,
                    "Path of a file with a token on each line, instead of the others; read again when it "
                        + "changes."),
            ]
        }

        public func check() -> [Problem] {
            if token.isEmpty, tokens.isEmpty, filename.isEmpty {
                return [Problem("token", "set token, tokens or filename")]
            }
            return token.isEmpty || tokens.isEmpty
                ? [] : [Problem("tokens", "token is set as well; use one of them")]
        }
    }
}
