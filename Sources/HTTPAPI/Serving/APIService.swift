internal import Compression
internal import Pipeline
internal import Transport
internal import Wire

/// Does what requests ask for: everything between the gate and the handlers.
public final class APIService<Context: APIContext>: Sendable {
    public let context: Context
    let gate: APIGate<Context>
    let operations: APIOperations
    /// The places for streams.
    let streams = StreamSlots()
    private let keys: IdempotencyKeys

    /// An API with these routes.
    public init(_ context: Context, routes: [APIRoute<Context>]) {
        self.context = context
        gate = APIGate(router: APIRouter(routes), context: context)
        operations = APIOperations(clock: context.clock, executor: context.executor)
        keys = IdempotencyKeys(clock: context.clock)
    }

    /// Does one request that has passed the gate.
    func answer(
        _ request: ServerRequest, _ route: APIRoute<Context>, _ parameters: [String: String],
        _ caller: Context.Caller, requestID: String, _ responder: Responder
    ) async {
        let encoder = ReplyEncoder(head: request.head, requestID: requestID)
        do throws(APIProblem) {
            let call = APICall(
                service: self, route: route, head: request.head, parameters: parameters,
                query: try Query(request.query), caller: caller, requestID: requestID,
                body: try decompressed(request))
            try call.checkMediaType()
            if let key = try IdempotencyKeys.key(of: call) {
                try await answerOnce(call, key, encoder, responder)
                return
            }
            let reply = try await perform(call)
            await deliver(reply, call, encoder, responder)
        } catch {
            responder.send(encoder.response(error))
        }
    }

    /// Runs the handler: changes as operations, with a line in the audit log.
    func perform(_ call: APICall<Context>) async throws(APIProblem) -> APIReply {
        guard call.route.changes else { return try await call.route.handler(call) }
        guard !call.route.hasSecretAnswer else {
            let outcome = await run(call)
            await note(call, outcome)
            return try outcome.get()
        }
        let (outcome, operation) = await operations.run(call.route.id, by: call.caller.name) {
            let outcome = await self.run(call)
            await self.note(call, outcome)
            return outcome
        }
        switch outcome {
        case .success(let reply)?: return reply
        case .failure(let problem)?: throw problem
        case nil:
            var reply = APIReply.tree(operation.tree)
            reply.status = 202
            reply.fields = ["location": "/v1/operations/\(operation.id)"]
            return reply
        }
    }

    private func run(_ call: APICall<Context>) async -> APIOperation.Outcome {
        do throws(APIProblem) {
            return .success(try await call.route.handler(call))
        } catch {
            return .failure(error)
        }
    }

    private func answerOnce(
        _ call: APICall<Context>, _ key: String, _ encoder: ReplyEncoder, _ responder: Responder
    ) async throws(APIProblem) {
        let place = "\(call.caller.name) \(call.route.id) \(key)"
        let fingerprint = Hash.sha256(
            Array("\(call.head.path)?\(call.head.query ?? "")\n\(call.mediaType?.name ?? "")\n".utf8)
                + call.body.array)
        switch keys.begin(place, fingerprint: fingerprint) {
        case .new: break
        case .underWay:
            throw APIProblem(
                409, "under-way", "The request is under way", "a request with this key has no answer yet",
                fields: ["retry-after": "2"])
        case .other:
            throw APIProblem(
                422, "key-reused", "The key was used for another request",
                "use a new Idempotency-Key for each request")
        case .done(var response):
            response.fields["x-request-id"] = call.requestID
            response.fields.add("idempotency-replayed", "true")
            responder.send(response)
            return
        }
        do throws(APIProblem) {
            let response = encoder.response(try await perform(call))
            keys.finish(place, response)
            responder.send(response)
        } catch {
            // What failed for want of something else may well succeed the next time.
            let response = encoder.response(error)
            if error.status < 500, error.status != 409 {
                keys.finish(place, response)
            } else {
                keys.forget(place)
            }
            responder.send(response)
        }
    }

    private func deliver(
        _ reply: APIReply, _ call: APICall<Context>, _ encoder: ReplyEncoder, _ responder: Responder
    ) async {
        guard case .stream(let type, let body) = reply.content else {
            responder.send(encoder.response(reply))
            return
        }
        defer { streams.giveBack(call.caller.name) }
        var fields = encoder.common
        for (name, value) in reply.fields { fields.add(name, value) }
        fields.add("content-type", type)
        guard let stream = responder.beginStream(status: reply.status, fields: fields) else { return }
        let work = Task { await body(stream) }
        stream.whenEnded { work.cancel() }
        let watch = Task { await end(stream, of: type, whenForbidden: call) }
        await work.value
        watch.cancel()
        stream.finish()
    }

    /// Ends a stream soon after the token that opened it was revoked or has expired.
    ///
    /// Streams of events have no end of their own; what has one must not look whole.
    private func end(
        _ stream: ResponseStream, of type: String, whenForbidden call: APICall<Context>
    ) async {
        while (try? await context.clock.sleep(for: .seconds(5))) != nil {
            guard !gate.stillAdmits(call.head, call.route) else { continue }
            return type == EventStream.type ? stream.finish() : stream.abort()
        }
    }

    private func note(_ call: APICall<Context>, _ outcome: APIOperation.Outcome) async {
        let (result, status, detail): (APIAuditEntry.Outcome, Int, String) =
            switch outcome {
            case .success(let reply): (.done, reply.status, reply.detail)
            case .failure(let problem): (.failed, problem.status, problem.detail)
            }
        await context.record(
            APIAuditEntry(
                action: call.route.id, target: "\(call.head.method) \(call.head.path.prefix(500))",
                actor: call.caller.name, address: call.caller.address, requestID: call.requestID,
                outcome: result, status: status, detail: detail))
    }

    private func decompressed(_ request: ServerRequest) throws(APIProblem) -> Bytes {
        guard let encoding = request.fields["content-encoding"], encoding != "identity", !request.body.isEmpty
        else { return request.body }
        guard let algorithm = CompressionAlgorithm(rawValue: encoding.lowercased()) else {
            throw APIProblem(
                415, "content-encoding", "The compression of the body is not known",
                "send it as it is, or with gzip, deflate or zstd", fields: ["accept-encoding": "gzip, zstd"])
        }
        do throws(CompressionError) {
            return try Decompression.decompress(request.body, algorithm, limit: APIBody.limit)
        } catch {
            if case .tooLarge = error { throw .bodyTooLarge }
            throw .badRequest("the body cannot be decompressed: \(error)")
        }
    }
}
