internal import Compression
internal import Logging
internal import Pipeline
internal import Prometheus
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Scrapes one target at its own place in every interval, until the task is cancelled.
struct TargetLoop: Sendable {
    /// How far from its place a scrape may begin and still have the time of that place, so that times of a
    /// series are as regular as the schedule.
    private static let tolerance: Int64 = 2

    let task: ScrapeTask
    let job: ScrapeJob
    let outlet: Outlet
    /// Why the whole job cannot be scraped at the moment.
    let obstacle: @Sendable () -> String?

    private var clock: any PipelineClock { job.context.clock }
    private var time: Int64 { Int64(clock.unixNanoseconds / 1_000_000) }

    /// Scrapes until the task is cancelled; returns what is known of the target then.
    func scrape() async -> ScrapeTranslator {
        var translator = ScrapeTranslator(task.target, job.translation(timeout: task.timeout))
        var client: Client?
        var schedule = ScrapeSchedule(task, clock)
        var lastFailure: ScrapeFailure?
        var wasTaken = true
        while await schedule.wait(clock) {
            let time = schedule.time(of: time, tolerance: Self.tolerance)
            guard let (outcome, batch) = await scrape(&client, &translator, at: time) else { continue }
            if outcome.failure != lastFailure { tell(outcome.failure) }
            lastFailure = outcome.failure
            wasTaken = await send(batch, until: schedule.end, wasTaken: wasTaken)
        }
        await client?.close(grace: .zero)
        return translator
    }

    /// Says that the target is not there any more, for as long as an interval where there is no room.
    func end(_ translator: consuming ScrapeTranslator) async {
        let batch = translator.end(at: time)
        _ = await send(batch, until: clock.now + task.interval, wasTaken: true)
    }

    private func tell(_ failure: ScrapeFailure?) {
        let name = Logger.MetadataValue.string(task.name)
        guard let failure else {
            return job.context.logger.info("a target is scraped again", metadata: ["target": name])
        }
        job.context.logger.warning(
            "a target could not be scraped", metadata: ["target": name, "error": "\(failure)"])
    }

    /// Scrapes once; `nil` when that was not done, or given up.
    private func scrape(
        _ client: inout Client?, _ translator: inout ScrapeTranslator, at time: Int64
    ) async -> (ScrapeOutcome, Batch)? {
        guard job.context.memory.admits() else {
            job.meters.skipped.add(1)
            return nil
        }
        let begin = clock.now
        let elapsed = { (clock.now - begin) / .seconds(1) }
        let result: (ScrapeOutcome, Batch)
        do throws(AccessFailure) {
            if let obstacle = obstacle() { throw AccessFailure(obstacle) }
            let (page, format) = try await fetch(try connected(&client))
            guard !Task.isCancelled else { return nil }
            result = translator.translate(page, format, at: time, elapsed: elapsed)
        } catch {
            guard !Task.isCancelled else { return nil }
            result = translator.fail(error.description, at: time, elapsed: elapsed)
        }
        job.meters.count(result.0)
        return result
    }

    /// The client, made when there is none yet: what keeps it from being made may pass.
    private func connected(_ client: inout Client?) throws(AccessFailure) -> Client {
        if let client { return client }
        let made = try job.access.client(
            for: task.address, isSecure: task.isSecure, limit: job.bodyLimit, place: task.place)
        client = made
        return made
    }

    private func fetch(_ client: Client) async throws(AccessFailure) -> (Bytes, ExpositionFormat) {
        var fields = HTTPFields()
        fields.add("accept", job.accept)
        fields.add("user-agent", job.context.userAgent)
        fields.add("x-prometheus-scrape-timeout-seconds", NumberFormat.text(task.timeout / .seconds(1)))
        fields.add("accept-encoding", job.settings.enableCompression ? "gzip" : "identity")
        let response = try await job.access.get(
            task.path, fields, from: client, isSecure: task.isSecure, limit: job.bodyLimit,
            timeout: task.timeout)
        guard response.status == 200 else {
            throw AccessFailure("the target answers with the status \(response.status), not 200")
        }
        let format = ExpositionFormat(contentType: response.fields["content-type"] ?? "")
        return (try body(response), format ?? job.fallback)
    }

    private func body(_ response: ClientResponse) throws(AccessFailure) -> Bytes {
        let coding = (response.fields["content-encoding"] ?? "identity").lowercased()
        guard coding != "identity" else {
            guard response.body.count <= job.bodyLimit else { throw tooLarge() }
            return response.body
        }
        guard let algorithm = CompressionAlgorithm(rawValue: coding) else {
            throw AccessFailure("the page is compressed as '\(coding)', which was not asked for")
        }
        let memory = job.context.memory
        do throws(CompressionError) {
            return try Decompression.decompress(
                response.body, algorithm, limit: job.bodyLimit, room: { memory.room })
        } catch .tooLarge {
            throw tooLarge()
        } catch {
            throw AccessFailure("the page cannot be decompressed: \(error)")
        }
    }

    private func tooLarge() -> AccessFailure {
        AccessFailure("the page has more than \(job.bodyLimit) bytes; see body_size_limit")
    }

    /// Hands metrics on, until `end` where there is no room for them; returns whether they were taken.
    private func send(_ batch: Batch, until end: Instant, wasTaken: Bool) async -> Bool {
        let count = batch.itemCount
        let refusal = await ScrapeTurn(end: end, clock: clock).send(batch, to: outlet)
        // Whoever is cancelled does not know what becomes of them.
        guard let refusal, !Task.isCancelled else { return true }
        job.meters.givenUp.add(count)
        job.context.logger.log(
            level: wasTaken ? .warning : .debug,
            "the metrics of a target are lost, the pipelines do not take them",
            metadata: ["target": "\(task.name)", "error": "\(refusal.reason)"])
        return false
    }
}

/// When a target is scraped.
struct ScrapeSchedule {
    private let interval: Duration
    private let start: Instant
    private let startTime: Int64
    /// When the present scrape begins or began.
    private var next: Instant
    private var isFirst = true

    init(_ task: ScrapeTask, _ clock: any PipelineClock) {
        interval = task.interval
        let length = UInt64(max(interval / .milliseconds(1), 1))
        let now = clock.unixNanoseconds / 1_000_000
        let (place, present) = (task.place % length, now % length)
        let delay = place >= present ? place - present : place + length - present
        start = clock.now + .milliseconds(Int64(delay))
        startTime = Int64(now + delay)
        next = start
    }

    /// Waits for the next scrape, leaving out those whose time has passed; false when the task is cancelled.
    mutating func wait(_ clock: any PipelineClock) async -> Bool {
        if !isFirst {
            next = next + interval
            let now = clock.now
            if next < now {
                let missed = ((now - next) / interval).rounded(.up)
                next = next + interval * Int(missed)
            }
        }
        isFirst = false
        do {
            try await clock.sleep(for: next - clock.now)
        } catch {
            return false
        }
        return !Task.isCancelled
    }

    /// When the scrape after the present one is due.
    var end: Instant { next + interval }

    /// The time that a scrape which begins now has, in milliseconds since 1970.
    func time(of now: Int64, tolerance: Int64) -> Int64 {
        let planned = startTime + Int64((next - start) / .milliseconds(1))
        return abs(planned - now) <= tolerance ? planned : now
    }
}
