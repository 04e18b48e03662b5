import Glibc
import Telemetry
import Wire

/// Measures CPU time, so that other work on the machine counts little.
enum Stopwatch {
    private static let spans = 512
    private static let rounds = 15
    private static let batches = 40

    /// Nanoseconds for a span: the median and the least of 15 rounds of 40 batches each.
    static func time(_ step: AnyStep) throws -> (median: Double, best: Double) {
        let batch = sample()
        var times: [Double] = []
        for _ in 0..<rounds {
            let start = now
            for _ in 0..<batches { _ = try step(batch) }
            times.append((now - start) / Double(batches * spans))
        }
        times.sort()
        return (times[rounds / 2], times[0])
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    private static func sample() -> Batch {
        var builder = TracesBuilder(capacity: 1 << 20)
        builder.resource { $0.attribute("service.name", "shop") }
        builder.scope("scope")
        for index in 0..<spans {
            builder.span { span in
                span.traceID(Bytes((0..<16).map { UInt8(truncatingIfNeeded: index &* 7 &+ $0) }))
                span.spanID(Bytes((0..<8).map { UInt8(truncatingIfNeeded: index &* 3 &+ $0) }))
                span.name("GET /items/{id}")
                span.kind(2)
                span.startTime(1)
                span.endTime(2)
                span.attribute("http.request.method", "GET")
                span.attribute("url.path", "/items/123")
                span.attribute("http.response.status_code", 200)
                span.attribute("server.address", "shop.example.com")
                span.attribute("server.port", 443)
                span.attribute("user_agent.original", "Mozilla/5.0 (X11; Linux)")
                span.attribute("client.address", "10.1.2.3")
                span.attribute("network.protocol.version", "1.1")
            }
        }
        return builder.finish()
    }
}
