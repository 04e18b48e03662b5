public import Pipeline
public import Settings

extension OAuth2Client {
    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var clientID = ""
        public var clientIDFile = ""
        public var clientSecret = Secret("")
        public var clientSecretFile = ""
        public var tokenURL = ""
        public var scopes: [String] = []
        public var endpointParameters: [String: ParameterValues] = [:]
        public var grantType = GrantType.clientCredentials
        public var tls = TLSClientSettings()
        public var timeout = Duration.seconds(10)
        public var expiryBuffer = Duration.seconds(300)

        public init() {}

        public static var fields: [Field<Configuration>] {
            credentialFields + requestFields + assertionFields
        }

        private static let credentialFields: [Field<Configuration>] = [
            Field("client_id", \.clientID, "Id of the client."),
            Field(
                "client_id_file", \.clientIDFile,
                "File with the id; it counts before client_id and is read for every token."),
            Field("client_secret", \.clientSecret, "Secret of the client."),
            Field(
                "client_secret_file", \.clientSecretFile,
                "File with the secret; it counts before client_secret and is read for every token."),
        ]

        private static let requestFields: [Field<Configuration>] = [
            Field("token_url", \.tokenURL, "URL of the server that gives tokens.", required: true) { url in
                do throws(ComponentError) {
                    _ = try OAuth2Client.endpoint(url)
                    return nil
                } catch {
                    return error.description
                }
            },
            Field("scopes", \.scopes, "What the token has to allow."),
            Field(
                "endpoint_params", \.endpointParameters,
                "Further parameters of the request, such as audience."),
            Field("grant_type", \.grantType, "How the token is asked for."),
            Field("tls", \.tls, "Encryption, for an https:// URL."),
            Field("timeout", \.timeout, "Time a request for a token may take; 0 is a minute.") {
                $0 < .zero ? "must not be negative" : nil
            },
            Field(
                "expiry_buffer", \.expiryBuffer,
                "Time before its end at which a token is replaced, at most half of its life."
            ) { $0 < .zero ? "must not be negative" : nil },
        ]

        private static let assertionFields: [Field<Configuration>] = [
            "client_certificate_key", "client_certificate_key_file", "client_certificate_key_id",
            "signature_algorithm", "iss", "audience", "claims",
        ].map { .unsupported($0, "the grant jwt-bearer is not part of this version; use client_secret") }

        public func check() -> [Problem] {
            var found: [Problem] = []
            if clientID.isEmpty, clientIDFile.isEmpty {
                found.append(Problem("client_id", "set client_id or client_id_file"))
            }
            if clientSecret.isEmpty, clientSecretFile.isEmpty {
                found.append(Problem("client_secret", "set client_secret or client_secret_file"))
            }
            return found
        }
    }

    /// `grant_type`.
    public enum GrantType: String, CaseIterable, SettingChoice {
        case clientCredentials = "client_credentials"
    }

    /// The place that a URL of a token server names.
    static func endpoint(_ url: String) throws(ComponentError) -> Endpoint {
        let endpoint = try Endpoint(parsing: url, defaultPort: 443)
        guard endpoint.scheme == .http || endpoint.scheme == .https else {
            throw ComponentError("must be a URL that begins with https:// or http://", key: "token_url")
        }
        return endpoint
    }
}
