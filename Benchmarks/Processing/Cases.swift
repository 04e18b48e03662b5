/// Configurations that are measured, by what they do.
enum Cases {
    typealias Case = (name: String, yaml: String)

    static let attributes: [Case] = [
        (
            "an include that never matches",
            """
            include: {match_type: strict, attributes: [{key: absent, value: x}]}
            actions: [{key: url.path, value: x, action: update}]
            """
        ),
        (
            "one edit",
            "actions: [{key: http.response.status_code, value: 404, action: update}]"
        ),
        (
            "four edits",
            """
            actions:
              - {key: absent.key, value: x, action: insert}
              - {key: http.response.status_code, value: 404, action: update}
              - {key: client.address, value: 0.0.0.0, action: upsert}
              - {key: server.port, action: delete}
            """
        ),
        ("a hash", "actions: [{key: client.address, action: hash}]"),
        ("an extract", "actions: [{key: url.path, pattern: '^/items/(?P<item>[0-9]+)$', action: extract}]"),
    ]

    static let resource: [Case] = [
        ("one edit", "attributes: [{key: deployment.environment, value: prod, action: upsert}]")
    ]

    private static let keys = """
        [http.request.method, url.path, http.response.status_code, server.address, server.port, \
        user_agent.original, client.address, network.protocol.version, service.name]
        """

    static let redaction: [Case] = [
        ("all keys are allowed", "allowed_keys: \(keys)"),
        ("one key of eight is removed", "allowed_keys: \(keys.replacing("client.address, ", with: ""))"),
        (
            "one pattern for keys that matches none",
            "{allow_all_keys: true, "
                + "blocked_key_patterns: ['.*token']}"
        ),
        (
            "two patterns for values that match none",
            "{allow_all_keys: true, blocked_values: ['4[0-9]{12}(?:[0-9]{3})?', '(5[1-5][0-9]{14})']}"
        ),
        ("one value of eight is masked", "{allow_all_keys: true, blocked_values: ['^10\\.']}"),
    ]

    static let span: [Case] = [
        (
            "a name of two attributes",
            "name: {from_attributes: [http.request.method, url.path], separator: ' '}"
        ),
        ("an attribute from the name", "name: {to_attributes: {rules: ['^GET /(?P<part>[a-z]+)/.*$']}}"),
    ]

    static let sampler: [Case] = [("half", "sampling_percentage: 50")]

    static let grouping: [Case] = [("one key, one value", "keys: [server.address]")]

    static let filter: [Case] = [
        ("one attribute", "trace_conditions: ['span.attributes[\"url.path\"] == \"/health\"']"),
        ("an attribute that is absent", "trace_conditions: ['span.attributes[\"user.id\"] != nil']"),
        ("the name", "trace_conditions: ['span.name == \"GET /health\"']"),
        ("the kind", "trace_conditions: ['span.kind == SPAN_KIND_CLIENT']"),
        (
            "a number",
            "trace_conditions: ['span.attributes[\"http.response.status_code\"] >= 500']"
        ),
        ("an expression", "trace_conditions: ['IsMatch(span.attributes[\"url.path\"], \"^/health\")']"),
    ]

    static let transform: [Case] = [
        (
            "a condition that never holds",
            "trace_statements: ['set(span.name, \"x\") where span.attributes[\"url.path\"] == \"/health\"']"
        ),
        (
            "four edits",
            """
            trace_statements:
              - set(span.attributes["absent.key"], "x")
              - set(span.attributes["http.response.status_code"], 404)
              - set(span.attributes["client.address"], "0.0.0.0")
              - delete_key(span.attributes, "server.port")
            """
        ),
        (
            "ten statements",
            """
            trace_statements:
              - set(span.attributes["deployment.environment.name"], "production")
              - set(span.attributes["client.address"], "***") where span.attributes["client.address"] != nil
              - delete_key(span.attributes, "user_agent.original")
              - set(span.attributes["slow"], true) where span.end_time - span.start_time > Duration("1s")
              - set(span.name, span.attributes["http.route"]) where span.kind == SPAN_KIND_SERVER
              - set(span.status.code, 2) where span.attributes["http.response.status_code"] >= 500
              - set(span.attributes["bot"], true) where span.name == "bot" or span.attributes["bot"] == "yes"
              - set(span.attributes["service"], resource.attributes["service.name"])
              - set(span.attributes["internal"], true) where span.attributes["server.address"] == "localhost"
              - delete_key(span.attributes, "absent")
            """
        ),
    ]
}
