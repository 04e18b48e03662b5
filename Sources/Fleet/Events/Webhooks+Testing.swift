extension Webhooks {
    /// Sends a test to a webhook, once and at once, also to one that is not enabled.
    ///
    /// The test is an event of the kind `webhook.test`, signed like every other, which no other webhook gets.
    /// It passes those that wait, so it also tells whether a webhook that does not get on can be reached.
    ///
    /// - Parameters:
    ///   - name: The webhook.
    ///   - actor: Who does it.
    /// - Returns: What became of it, with the status of the answer if there was one; an attempt takes 10
    ///   seconds at most.
    /// - Throws: `.notFound`, and `.conflict` while another test of this webhook is on its way.
    public func test(
        _ name: String, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> WebhookDelivery {
        guard let webhook = webhooks[name]?.webhook else { throw .notFound("there is no webhook '\(name)'") }
        guard tests.insert(name).inserted else {
            throw .conflict("a test of the webhook '\(name)' is on its way; wait for its answer")
        }
        defer { tests.remove(name) }
        let message = "\(actor.name) has sent a test to the webhook '\(name)'"
        guard let event = events.note(.webhookTest, name, message, actor: actor.name) else {
            throw .unavailable("too much happens for a test; try again in a second")
        }
        let (status, error) = await post(event, Self.body(of: event), webhook)
        let isTaken = status.map { (200..<300).contains($0) } ?? false
        let delivery = delivery(
            of: event, status, 1, isTaken ? .delivered : .failed, isTaken ? "" : error)
        // It may have been deleted meanwhile.
        if webhooks[name] != nil { lines[name, default: Line()].note(delivery) }
        return delivery
    }
}
