internal import Compression
internal import Control
internal import Engine
internal import Pipeline
internal import Settings
internal import Transport
internal import Wire

/// Does what requests ask for: everything between the gate and the handlers.
final class AdminService: Sendable {
    let context: AdminContext
    let gate: AdminGate
    let operations: AdminOperations
    let streams = StreamSlots()
    private let keys: IdempotencyKeys

    init(_ context: AdminContext, routes: [AdminRoute] = AdminRoutes.all) {
        self.context = context
        gate = AdminGate(router: Router(routes), context: context)
        operations = AdminOperations(clock: context.clock)
        keys = IdempotencyKeys(clock: context.clock)
    }

    /// Does one request that has passed the gate.
    func answer(
        _ request: ServerRequest, _ route: AdminRoute, _ parameters: [String: String],
        _ caller: AdminCaller, requestID: String, _ responder: Responder
    ) async {
        let encoder = ReplyEncoder(head: request.head, requestID: requestID)
        do throws(AdminProblem) {
            let call = AdminCall(
                service: self, route: route, head: request.head, parameters: parameters,
                query: try Query(request.query), caller: caller, requestID: requestID,
                body: try decompressed(request))
            try call.checkMediaType()
            if let key = try IdempotencyKeys.key(of: call) {
                try await answerOnce(call, key, encoder, responder)
                return
            }
            let reply = try await perform(call)
            await deliver(reply, encoder, responder)
        } catch {
            responder.send(encoder.response(error))
        }
    }

    /// Runs the handler: changes as operations, with a line in the audit log.
    func perform(_ call: AdminCall) async throws(AdminProblem) -> AdminReply {
        guard call.route.changes else { return try await call.route.handler(call) }
        let (outcome, operation) = await operations.run(call.route.id, by: call.caller.name) {
            let outcome: AdminOperation.Outcome
            do throws(AdminProblem) {
                outcome = .success(try await call.route.handler(call))
            } catch {
                outcome = .failure(error)
            }
            await self.note(call, outcome)
            return outcome
        }
        switch outcome {
        case .success(let reply)?: return reply
        case .failure(let problem)?: throw problem
        case nil:
            var reply = AdminReply.tree(operation.tree)
            reply.status = 202
            reply.fields = ["location": "/v1/operations/\(operation.id)"]
            return reply
        }
    }

    private func answerOnce(
        _ call: AdminCall, _ key: String, _ encoder: ReplyEncoder, _ responder: Responder
    ) async throws(AdminProblem) {
        let place = "\(call.caller.name) \(call.route.id) \(key)"
        let fingerprint = Hash.sha256(
            Array("\(call.head.path)?\(call.head.query ?? "")\n\(call.mediaType?.name ?? "")\n".utf8)
                + call.body.array)
        switch keys.begin(place, fingerprint: fingerprint) {
        case .new: break
        case .underWay:
            throw AdminProblem(
                409, "under-way", "The request is under way", "a request with this key has no answer yet",
                fields: ["retry-after": "2"])
        case .other:
            throw AdminProblem(
                422, "key-reused", "The key was used for another request",
                "use a new Idempotency-Key for each request")
        case .done(var response):
            response.fields["x-request-id"] = call.requestID
            response.fields.add("idempotency-replayed", "true")
            responder.send(response)
            return
        }
        do throws(AdminProblem) {
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

    private func deliver(_ reply: AdminReply, _ encoder: ReplyEncoder, _ responder: Responder) async {
        guard case .stream(let type, let body) = reply.content else {
            responder.send(encoder.response(reply))
            return
        }
        defer { streams.giveBack() }
        var fields = encoder.common
        for (name, value) in reply.fields { fields.add(name, value) }
        fields.add("content-type", type)
        guard let stream = responder.beginStream(status: reply.status, fields: fields) else { return }
        let work = Task { await body(stream) }
        stream.whenEnded { work.cancel() }
        await work.value
        stream.finish()
    }

    private func note(_ call: AdminCall, _ outcome: AdminOperation.Outcome) async {
        let (result, status, detail): (AdminAuditEntry.Outcome, Int, String) =
            switch outcome {
            case .success(let reply): (.done, reply.status, reply.detail)
            case .failure(let problem): (.failed, problem.status, problem.detail)
            }
        await context.audit.record(
            AdminAuditEntry(
                action: call.route.id, target: "\(call.head.method) \(call.head.path.prefix(500))",
                actor: call.caller.name, address: call.caller.address, requestID: call.requestID,
                outcome: result, status: status, detail: detail))
    }

    private func decompressed(_ request: ServerRequest) throws(AdminProblem) -> Bytes {
        guard let encoding = request.fields["content-encoding"], encoding != "identity", !request.body.isEmpty
        else { return request.body }
        guard let algorithm = CompressionAlgorithm(rawValue: encoding.lowercased()) else {
            throw AdminProblem(
                415, "content-encoding", "The compression of the body is not known",
                "send it as it is, or with gzip, deflate or zstd", fields: ["accept-encoding": "gzip, zstd"])
        }
        do throws(CompressionError) {
            return try Decompression.decompress(request.body, algorithm, limit: AdminCall.bodyLimit)
        } catch {
            if case .tooLarge = error { throw AdminApplication.tooLarge }
            throw .badRequest("the body cannot be decompressed: \(error)")
        }
    }
}
