public import Settings

/// `auth` of a client or a gRPC server: who checks or sets credentials.
public struct AuthenticatorSettings: SettingGroup, Equatable {
    public var authenticator = ""

    public init() {}

    public static var fields: [Field<AuthenticatorSettings>] {
        [
            Field(
                "authenticator", \.authenticator, "Id of the extension, which service::extensions must name.",
                required: true, check: AuthenticatorLookup.check)
        ]
    }

    /// The authenticator of a server that speaks `transport`; throws when there is none of that name.
    public func server(
        transport: String, in context: Context
    ) throws(ComponentError) -> ServerAuthentication {
        try ServerAuthentication(authenticator, parameters: [], transport: transport, in: context)
    }

    /// The authenticator of a client; throws when there is none of that name.
    public func client(in context: Context) throws(ComponentError) -> ClientAuthentication {
        try ClientAuthentication(authenticator, in: context)
    }
}

/// `auth` of an HTTP server: who checks credentials, and where they may stand.
public struct HTTPServerAuthenticationSettings: SettingGroup, Equatable {
    public var common = AuthenticatorSettings()
    public var requestParameters: [String] = []

    public init() {}

    public static var fields: [Field<HTTPServerAuthenticationSettings>] {
        [
            Field(embedding: \.common),
            Field(
                "request_params", \.requestParameters,
                "Parameters of the URL's query that count as header fields, and before these."),
        ]
    }

    /// The authenticator of a server that speaks `transport`; throws when there is none of that name.
    public func server(
        transport: String, in context: Context
    ) throws(ComponentError) -> ServerAuthentication {
        try ServerAuthentication(
            common.authenticator, parameters: requestParameters, transport: transport, in: context)
    }
}
