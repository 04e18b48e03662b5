internal import Pipeline
public import Settings

/// How a server is spoken to, with the keys that Prometheus has for it in scrapes and in discovery.
public struct HTTPAccessSettings: SettingGroup, Equatable {
    public var basicAuth: BasicAuthSettings?
    public var authorization: AuthorizationSettings?
    public var bearerToken = Secret("")
    public var bearerTokenFile = ""
    public var tls: ScrapeTLSSettings?
    public var proxyURL = ""
    public var proxyFromEnvironment = false
    public var followRedirects = true
    public var enableHTTP2 = true
    public var headers: [String: ExtraHeaderSettings] = [:]

    public init() {}

    public static var fields: [Field<HTTPAccessSettings>] {
        [
            Field("basic_auth", \.basicAuth, "Name and password that are sent."),
            Field("authorization", \.authorization, "Credentials that are sent, such as a bearer token."),
            Field(
                "bearer_token", \.bearerToken, "A bearer token; authorization says the same.",
                check: { HeaderRules.problem(ofValue: $0.reveal()) }),
            Field(
                "bearer_token_file", \.bearerTokenFile,
                "Path of a file with a bearer token, read for every request."),
            .unsupported("oauth2", "use authorization with credentials_file, or basic_auth"),
            Field("tls_config", \.tls, "Certificates, for https."),
            Field("proxy_url", \.proxyURL, "URL of a proxy, http://host:port; empty is none.") {
                $0.isEmpty || $0.hasPrefix("http://")
                    ? nil : "must be an http:// URL; others are not supported"
            },
            Field(
                "proxy_from_environment", \.proxyFromEnvironment,
                "Whether HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed."),
            .unsupported("no_proxy", "use proxy_from_environment with NO_PROXY"),
            .unsupported("proxy_connect_header", "header fields for proxies are not part of this version"),
            Field("follow_redirects", \.followRedirects, "Whether redirects are followed."),
            Field("enable_http2", \.enableHTTP2, "Whether HTTP/2 is offered over TLS."),
            Field("http_headers", \.headers, "Header fields that are sent, by name.") { headers in
                headers.keys.sorted().lazy.compactMap { HeaderRules.problem(ofName: $0) }.first
            },
        ]
    }

    public func check() -> [Problem] {
        let ways = [
            ("basic_auth", basicAuth != nil), ("authorization", authorization != nil),
            ("bearer_token", !bearerToken.isEmpty), ("bearer_token_file", !bearerTokenFile.isEmpty),
        ].filter { $0.1 }
        guard ways.count > 1 else {
            return proxyFromEnvironment && !proxyURL.isEmpty
                ? [Problem("proxy_from_environment", "proxy_url is set as well; use one of them")] : []
        }
        return [Problem(ways[1].0, "\(ways[0].0) is set as well; use one of them")]
    }
}

/// `basic_auth`.
public struct BasicAuthSettings: SettingGroup, Equatable {
    public var username = ""
    public var usernameFile = ""
    public var password = Secret("")
    public var passwordFile = ""

    public init() {}

    public static var fields: [Field<BasicAuthSettings>] {
        [
            Field("username", \.username, "The name."),
            Field("username_file", \.usernameFile, "Path of a file with the name."),
            Field("password", \.password, "The password."),
            Field(
                "password_file", \.passwordFile, "Path of a file with the password, read for every request."),
            .unsupported("username_ref", "there are no secrets to refer to; use username_file"),
            .unsupported("password_ref", "there are no secrets to refer to; use password_file"),
        ]
    }

    public func check() -> [Problem] {
        if !username.isEmpty, !usernameFile.isEmpty {
            return [Problem("username_file", "username is set as well; use one of them")]
        }
        return password.isEmpty || passwordFile.isEmpty
            ? [] : [Problem("password_file", "password is set as well; use one of them")]
    }
}

/// `authorization`.
public struct AuthorizationSettings: SettingGroup, Equatable {
    public var type = "Bearer"
    public var credentials = Secret("")
    public var credentialsFile = ""

    public init() {}

    public static var fields: [Field<AuthorizationSettings>] {
        [
            Field("type", \.type, "The scheme, in front of the credentials.") { type in
                if type.lowercased() == "basic" { return "must not be basic; use basic_auth" }
                return HeaderRules.problem(ofValue: type)
            },
            Field(
                "credentials", \.credentials, "The credentials.",
                check: { HeaderRules.problem(ofValue: $0.reveal()) }),
            Field(
                "credentials_file", \.credentialsFile,
                "Path of a file with the credentials, read for every request."),
            .unsupported("credentials_ref", "there are no secrets to refer to; use credentials_file"),
        ]
    }

    public func check() -> [Problem] {
        credentials.isEmpty || credentialsFile.isEmpty
            ? [] : [Problem("credentials_file", "credentials is set as well; use one of them")]
    }
}

/// One entry of `http_headers`.
public struct ExtraHeaderSettings: SettingGroup, Equatable {
    public var values: [String] = []
    public var secrets: [Secret] = []

    public init() {}

    public static var fields: [Field<ExtraHeaderSettings>] {
        [
            Field("values", \.values, "Values that may be seen.") { values in
                values.lazy.compactMap { HeaderRules.problem(ofValue: $0) }.first
            },
            Field("secrets", \.secrets, "Values that must not be seen.") { secrets in
                secrets.lazy.compactMap { HeaderRules.problem(ofValue: $0.reveal()) }.first
            },
            .unsupported("files", "use secrets with ${file:path}"),
        ]
    }
}
