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
}
