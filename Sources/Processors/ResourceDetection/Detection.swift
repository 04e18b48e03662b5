internal import Logging
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// What was detected, shared by all lanes of a processor; asks again where that is wanted.
final class Detection: Sendable {
    /// Where detection has got to.
    enum State {
        /// Nothing is known yet; telemetry has to wait.
        case waiting
        case found([EncodedAttribute])
    }

    private let state = Mutex(State.waiting)
    private let task = Mutex<Task<Void, Never>?>(nil)

    var current: State { state.withLock { $0 } }

    deinit { task.withLock { $0?.cancel() } }

    /// Begins to detect beside everything else, once.
    func start(
        _ configuration: ResourceDetection.Configuration, _ surroundings: DetectorSurroundings,
        _ context: Context
    ) {
        task.withLock { task in
            guard task == nil else { return }
            // It does not hold the detection: when nobody needs it any more, it ends.
            task = Task { [weak self] in
                var pause = 1
                var known: [ResourceDetection.Name: Detected] = [:]
                while !Task.isCancelled {
                    var result = await Self.detect(configuration, surroundings, context)
                    // What a detector does not find this time is as it was.
                    known.merge(result.found) { $1 }
                    result.found = known
                    guard let self, !Task.isCancelled else { return }
                    let isComplete = result.failures.isEmpty || !configuration.failOnMissingMetadata
                    self.take(result, isComplete, context)
                    let refresh = configuration.refreshInterval
                    guard !isComplete || refresh > .zero else { return }
                    let wait = isComplete ? refresh : .seconds(pause)
                    pause = isComplete ? 1 : min(pause * 2, 30)
                    do {
                        try await context.clock.sleep(for: wait)
                    } catch {
                        return
                    }
                }
            }
        }
    }

    private func take(_ result: Result, _ isComplete: Bool, _ context: Context) {
        for failure in result.failures {
            context.logger.log(
                level: isComplete ? .info : .warning,
                result.found[failure.name] == nil
                    ? "a detector has found nothing" : "a detector has found nothing new, what it knew stays",
                metadata: ["detector": "\(failure.name.rawValue)", "reason": "\(failure.reason)"])
        }
        if isComplete {
            let attributes = result.attributes
            state.withLock { $0 = .found(attributes) }
            context.status(.ok)
        } else {
            let reasons = result.failures.map { "\($0.name.rawValue): \($0.reason)" }.joined(separator: "; ")
            context.status(.recoverableError("resource detection is not complete: \(reasons)"))
        }
    }

    /// What one round of all detectors came to.
    struct Result {
        /// The detectors in the order of the configuration.
        let names: [ResourceDetection.Name]
        var found: [ResourceDetection.Name: Detected] = [:]
        var failures: [(name: ResourceDetection.Name, reason: String)] = []

        /// What all have found; of an attribute that several give the first detector's counts.
        var attributes: [EncodedAttribute] {
            var keys: Set<String> = []
            return names.compactMap { found[$0] }.flatMap { $0.attributes }.compactMap { key, value in
                keys.insert(key).inserted ? EncodedAttribute(AttributeKey(key), value) : nil
            }
        }
    }

    /// Asks all detectors at once.
    static func detect(
        _ configuration: ResourceDetection.Configuration, _ surroundings: DetectorSurroundings,
        _ context: Context
    ) async -> Result {
        let names = configuration.detectors
        let answers = await withTaskGroup(of: (Int, Detected?, String).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    do throws(DetectionFailure) {
                        let found = try await Self.limited(by: configuration.timeout, context.clock) {
                            () async throws(DetectionFailure) in
                            try await Self.detect(name, configuration, surroundings)
                        }
                        return (index, found, "")
                    } catch {
                        return (index, nil, "\(error)")
                    }
                }
            }
            var answers: [(Detected?, String)] = names.map { _ in (nil, "") }
            for await (index, found, reason) in group { answers[index] = (found, reason) }
            return answers
        }
        var result = Result(names: names)
        for (name, (found, reason)) in zip(names, answers) {
            if let found { result.found[name] = found } else { result.failures.append((name, reason)) }
        }
        return result
    }

    /// Lets `body` take up to `timeout`; what hangs then is left behind, with nobody to wait for it.
    private static func limited(
        by timeout: Duration, _ clock: any PipelineClock,
        _ body: @escaping @Sendable () async throws(DetectionFailure) -> Detected
    ) async throws(DetectionFailure) -> Detected {
        let answer = FirstAnswer<Swift.Result<Detected, DetectionFailure>>()
        let work = Task {
            do throws(DetectionFailure) {
                answer.give(.success(try await body()))
            } catch {
                answer.give(.failure(error))
            }
        }
        let timer = Task {
            try? await clock.sleep(for: timeout)
            answer.give(.failure(.absent("no answer within \(timeout)")))
        }
        let first = await withTaskCancellationHandler {
            await answer.wait()
        } onCancel: {
            answer.give(.failure(.absent("the collector shuts down")))
        }
        work.cancel()
        timer.cancel()
        await timer.value
        return try first.get()
    }
}
