internal import Fleet
internal import HTTPAPI
internal import Settings

/// `/v1/webhooks`: where events are sent.
enum WebhookRoutes {
    private static let one = "/v1/webhooks/{name}"

    static let all: [FleetRoute] = [
        FleetRoute("listWebhooks", "GET", "/v1/webhooks", .manageWebhooks, list),
        FleetRoute("getWebhook", "GET", one, .manageWebhooks, show),
        FleetRoute(
            "putWebhook", "PUT", one, .manageWebhooks, body: .document(isOptional: false),
            hasSecretAnswer: true, put),
        FleetRoute("deleteWebhook", "DELETE", one, .manageWebhooks, delete),
        FleetRoute("testWebhook", "POST", one + ":test", .manageWebhooks, test),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let items = await call.context.webhooks.list().map { named in
            (named.name, Tree(.table(entries(of: named.name, named.webhook))))
        }
        return .tree(try Page.of("webhooks", items, call.query))
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let named = try await webhook(call)
        var entries = entries(of: named.name, named.webhook)
        entries.add("updated", time: named.updated)
        let deliveries = await call.context.webhooks.deliveries(named.name)
        entries.append(.init("deliveries", .list(deliveries.reversed().map(tree))))
        var reply = APIReply.tree(Tree(.table(entries)), version: "\(named.version)")
        reply.isVolatile = true
        return reply
    }

    static func put(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let name = call.parameter("name")
        let webhook = try call.settings(Webhook.self)
        let present = await call.context.webhooks.webhook(name)
        try call.checkPreconditions(version: present.map { "\($0.version)" })
        if try call.isDryRun { return .tree(Tree(.table(entries(of: name, webhook)))) }
        do throws(RolloutServiceError) {
            let (stored, isSecretNew) = try await call.context.webhooks.put(
                name, webhook, over: present?.version ?? 0, by: call.actor)
            var entries = entries(of: name, stored.webhook)
            if isSecretNew { entries.add("secret", stored.webhook.secret.reveal()) }
            var reply = APIReply.tree(Tree(.table(entries)), version: "\(stored.version)")
            reply.status = present == nil ? 201 : 200
            reply.detail = "webhook \(name)"
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let named = try await webhook(call)
        try call.checkPreconditions(version: "\(named.version)")
        if try !call.isDryRun {
            do throws(RolloutServiceError) {
                try await call.context.webhooks.delete(named.name, version: named.version, by: call.actor)
            } catch {
                throw APIProblem(error)
            }
        }
        var reply = APIReply.tree(Tree(.table(entries(of: named.name, named.webhook))))
        reply.detail = "webhook \(named.name)"
        return reply
    }

    /// Whether it arrives is the answer; that it does not is no failure of the request.
    static func test(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let named = try await webhook(call)
        var entries: [Tree.Entry] = [
            .init("name", .text(named.name)), .init("url", .text(named.webhook.url)),
        ]
        if try !call.isDryRun {
            do throws(RolloutServiceError) {
                let delivery = try await call.context.webhooks.test(named.name, by: call.actor)
                entries.append(.init("delivery", tree(of: delivery)))
            } catch {
                throw APIProblem(error)
            }
        }
        var reply = APIReply.tree(Tree(.table(entries)))
        reply.detail = "webhook \(named.name)"
        return reply
    }

    private static func webhook(_ call: FleetCall) async throws(APIProblem) -> Webhooks.Named {
        let name = call.parameter("name")
        guard let named = await call.context.webhooks.webhook(name) else {
            throw .notFound("there is no webhook '\(name)'")
        }
        return named
    }

    /// All but the secret.
    private static func entries(of name: String, _ webhook: Webhook) -> [Tree.Entry] {
        [
            .init("name", .text(name)), .init("url", .text(webhook.url)),
            .init("kinds", Trees.texts(webhook.kinds)), .init("enabled", .bool(webhook.isEnabled)),
            .init("description", .text(webhook.description)),
        ]
    }

    private static func tree(of delivery: WebhookDelivery) -> Tree {
        var entries: [Tree.Entry] = [
            .init("time", Trees.time(delivery.time)), .init("event", .number(delivery.event)),
            .init("outcome", .text(delivery.outcome.rawValue)), .init("attempts", .number(delivery.attempts)),
        ]
        if let status = delivery.status { entries.append(.init("status", .number(status))) }
        entries.add("error", delivery.error)
        return Tree(.table(entries))
    }
}
