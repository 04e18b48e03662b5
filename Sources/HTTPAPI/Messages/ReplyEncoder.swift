internal import Settings
internal import Transport
internal import Wire

/// Makes answers of HTTP out of what handlers answer.
struct ReplyEncoder {
    let head: ServerRequestHead
    let requestID: String

    /// Fields of every answer: nobody on the way keeps it, and a browser takes it for nothing else.
    var common: HTTPFields {
        ["x-request-id": requestID, "cache-control": "no-store", "x-content-type-options": "nosniff"]
    }

    func response(_ reply: APIReply) -> ServerResponse {
        var fields = common
        if reply.fields.contains("cache-control") { fields.remove("cache-control") }
        for (name, value) in reply.fields { fields.add(name, value) }
        var text = ""
        switch reply.content {
        case .none, .stream: return ServerResponse(status: reply.status, fields: fields)
        case .tree(let tree):
            text = tree.json() + "\n"
            fields.add("content-type", "application/json")
        case .configuration(let tree):
            fields.add("vary", "accept")
            if prefersYAML {
                text = tree.yaml()
                fields.add("content-type", "application/yaml")
            } else {
                text = tree.json() + "\n"
                fields.add("content-type", "application/json")
            }
        case .text(let content, let type):
            text = content
            fields.add("content-type", type)
        }
        if reply.status == 200, head.method == "GET" || head.method == "HEAD" {
            let tag = Self.tag(reply.version ?? Hash.short(text), isYAML: prefersYAML, reply)
            fields.add("etag", tag)
            let known = reply.isVolatile ? nil : EntityTags(head.fields.all("if-none-match"))
            if known?.matches(tag) == true {
                fields.remove("content-type")
                return ServerResponse(status: 304, fields: fields)
            }
        } else if let version = reply.version {
            fields.add("etag", "\"\(version)\"")
        }
        return ServerResponse(status: reply.status, fields: fields, body: Bytes(utf8: text))
    }

    func response(_ problem: APIProblem) -> ServerResponse {
        var fields = common
        for (name, value) in problem.fields { fields.add(name, value) }
        fields.add("content-type", "application/problem+json")
        let body = problem.tree(instance: requestID).json() + "\n"
        return ServerResponse(status: problem.status, fields: fields, body: Bytes(utf8: body))
    }

    /// Two texts of one resource have two tags; `EntityTags` takes either for the version.
    private static func tag(_ version: String, isYAML: Bool, _ reply: APIReply) -> String {
        if isYAML, case .configuration = reply.content, reply.version != nil {
            return "\"\(version)\(EntityTags.yamlSuffix)\""
        }
        return "\"\(version)\""
    }

    /// Whether YAML stands in `Accept` before JSON; quality values do not matter here.
    private var prefersYAML: Bool {
        let accepted = head.fields.all("accept").joined(separator: ",").split(separator: ",").map {
            MediaType(String($0)).name
        }
        let yaml = accepted.firstIndex { MediaType.yaml.contains($0) }
        let json = accepted.firstIndex { $0 == "application/json" }
        guard let yaml else { return false }
        return json.map { yaml < $0 } ?? true
    }
}
