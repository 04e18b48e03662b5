public import Transport
public import Wire

/// One request on its way through its handler.
public struct APICall<Context: APIContext>: Sendable {
    public let service: APIService<Context>
    public let route: APIRoute<Context>
    public let head: ServerRequestHead
    public let parameters: [String: String]
    public let query: Query
    public let caller: Context.Caller
    public let requestID: String
    /// Decompressed.
    public let body: Bytes

    public var context: Context { service.context }

    /// A parameter of the path; the router has seen to it that there is one.
    public func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// What the client thinks the version of the resource is.
    public var ifMatch: EntityTags? { EntityTags(head.fields.all("if-match")) }
    /// What the client has already, or wants not to be there.
    public var ifNoneMatch: EntityTags? { EntityTags(head.fields.all("if-none-match")) }

    /// Whether the change is only to be looked at.
    public var isDryRun: Bool { get throws(APIProblem) { try query.flag("dry_run") } }
}
