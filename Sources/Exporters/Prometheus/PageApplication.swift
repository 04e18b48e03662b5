internal import Compression
internal import Pipeline
internal import Prometheus
internal import Settings
internal import Synchronization
internal import Transport
internal import Wire

/// Answers scrapes.
struct PageApplication: ServerApplication {
    static let path = "/metrics"
    /// Pages that are there at the same time, from when they are written until the scraper has them; each
    /// takes as much memory as it has bytes.
    private static let scrapeLimit = 8
    /// The bytes of a page that are handed to the connection at a time; a page without more goes as it is.
    private static let piece = 64 << 10
    /// How long a scraper may take nothing where connections may do so for ever.
    private static let longestPatience = Duration.seconds(3600)

    private let page: MetricsPage
    private let allowsOpenMetrics: Bool
    private let clock: any PipelineClock
    private let cors: CORS?
    private let extraFields: [(name: String, value: String)]
    /// How long a scraper may take nothing of a page.
    private let patience: Duration
    private let authentication: ServerAuthentication?
    private let compressors: [Compressor]
    private let scrapes: Counter
    private let busy = Busy()

    /// How many pages there are.
    private final class Busy: Sendable {
        let count = Atomic<Int>(0)
    }

    init(
        _ page: MetricsPage, _ settings: HTTPServerSettings, allowsOpenMetrics: Bool, in context: Context
    ) throws(ComponentError) {
        self.page = page
        self.allowsOpenMetrics = allowsOpenMetrics
        clock = context.clock
        cors = settings.cors.map { CORS(settings: $0, method: "GET") }
        extraFields = settings.responseHeaders.pairs.map { ($0.name, $0.value.reveal()) }
        patience = settings.writeTimeout > .zero ? settings.writeTimeout : Self.longestPatience
        authentication = try settings.auth?.server(transport: "http", in: context)
        do throws(CompressionError) {
            compressors = [try Compressor(.gzip), try Compressor(.zstd)]
        } catch {
            throw ComponentError("cannot compress pages: \(error)")
        }
        scrapes = context.metrics.counter(
            "apus_exporter_page_scrapes", "How often the page was scraped.",
            labels: [("exporter", context.id.description)])
    }

    func admit(_ head: ServerRequestHead) -> Admission {
        // Browsers send no credentials with a preflight request.
        if let preflight = cors?.preflight(head) { return .refuse(finished(preflight, head)) }
        if let refusal = authentication?.refusal(fields: head.fields, query: head.query, peer: head.peer) {
            return .refuse(finished(Self.answer(to: refusal), head))
        }
        guard head.path == Self.path else {
            return .refuse(finished(.text(404, "there is only \(Self.path)"), head))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            var answer = ServerResponse.text(405, "the page is for reading")
            answer.fields.add("allow", "GET, HEAD")
            return .refuse(finished(answer, head))
        }
        return .accept(maxBodySize: 0)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        guard let authentication else { return answer(request.head, responder) }
        let head = request.head
        authentication.decide(
            fields: head.fields, query: head.query, peer: head.peer, on: head.lane
        ) { outcome in
            switch outcome {
            case .success: answer(head, responder)
            case .failure(let refusal): responder.send(finished(Self.answer(to: refusal), head))
            }
        }
    }

    /// Writes the page beside the event loops, as a large one takes a while.
    private func answer(_ head: ServerRequestHead, _ responder: Responder) {
        guard busy.count.wrappingAdd(1, ordering: .relaxed).newValue <= Self.scrapeLimit else {
            busy.count.wrappingSubtract(1, ordering: .relaxed)
            return responder.send(overloaded(head))
        }
        Task {
            await deliver(scrape(head), to: head, responder)
            busy.count.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Sends a page, and returns when the scraper has all of it, or has taken nothing of it for too long.
    ///
    /// A client of HTTP/2 may hold back any number of pages on one connection. The length is told so that a
    /// scraper sees when something is missing: what ends early would else be a page without these series.
    private func deliver(
        _ page: ServerResponse, to head: ServerRequestHead, _ responder: Responder
    ) async {
        guard head.method != "HEAD", page.body.count > Self.piece else { return responder.send(page) }
        var fields = page.fields
        fields.add("content-length", "\(page.body.count)")
        guard let stream = responder.beginStream(status: page.status, fields: fields) else { return }
        if await send(page.body, over: stream) { stream.finish() } else { stream.abort() }
    }

    private func send(_ body: Bytes, over stream: ResponseStream) async -> Bool {
        var sent = 0
        while sent < body.count {
            let piece = body[sent..<min(sent + Self.piece, body.count)]
            guard await stream.waitForRoom(piece.count, within: patience), stream.send(piece) else {
                return false
            }
            sent += piece.count
        }
        return await stream.waitForRoom(.max, within: patience)
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        var answer = ServerResponse.text(503, "too many scrapes at the same time; try again")
        answer.fields.add("retry-after", "1")
        return finished(answer, head)
    }

    private func scrape(_ head: ServerRequestHead) -> ServerResponse {
        scrapes.add(1)
        let format = PageFormat(
            accept: head.fields["accept"] ?? "", allowsOpenMetrics: allowsOpenMetrics)
        var body = page.write(format, at: clock.now.offset)
        var fields: HTTPFields = ["content-type": format.contentType, "vary": "Accept, Accept-Encoding"]
        if let compressor = compressor(for: head.fields["accept-encoding"] ?? "") {
            // A page that cannot be compressed is sent as it is.
            if let small = try? compressor.compress([body]) {
                body = small
                fields.add("content-encoding", compressor.algorithm.rawValue)
            }
        }
        return finished(ServerResponse(status: 200, fields: fields, body: body), head)
    }

    /// The one of the compressions that the scraper likes best; `nil` for none.
    private func compressor(for accept: String) -> Compressor? {
        var best: (compressor: Compressor, weight: Double)?
        for clause in accept.split(separator: ",").prefix(32) {
            let parts = clause.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
            guard let found = compressors.first(where: { $0.algorithm.rawValue == parts.first }),
                (weight ?? 1) > (best?.weight ?? 0)
            else { continue }
            best = (found, weight ?? 1)
        }
        return best?.compressor
    }

    private static func answer(to refusal: AuthenticationRefusal) -> ServerResponse {
        switch refusal {
        case .unauthenticated(let reason, let challenge):
            var answer = ServerResponse.text(401, reason)
            answer.fields.add("www-authenticate", challenge)
            return answer
        case .later(let reason):
            var answer = ServerResponse.text(503, reason)
            answer.fields.add("retry-after", "1")
            return answer
        }
    }

    private func finished(_ response: ServerResponse, _ head: ServerRequestHead) -> ServerResponse {
        var response = response
        for (name, value) in extraFields { response.fields.add(name, value) }
        cors?.mark(&response, head)
        return response
    }
}
