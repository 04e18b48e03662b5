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
                while !Task.isCancelled {
                    let result = await Self.detect(configuration, surroundings, context)
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
                level: isComplete ? .info : .warning, "a detector has found nothing",
                metadata: ["detector": "\(failure.name.rawValue)", "reason": "\(failure.reason)"])
        }
        if isComplete {
            state.withLock { $0 = .found(result.attributes) }
            context.status(.ok)
        } else {
            let reasons = result.failures.map { "\($0.name.rawValue): \($0.reason)" }.joined(separator: "; ")
            context.status(.recoverableError("resource detection is not complete: \(reasons)"))
        }
    }

    /// What one round of all detectors came to.
    struct Result {
        var attributes: [EncodedAttribute] = []
        var failures: [(name: ResourceDetection.Name, reason: String)] = []
    }

    /// Asks all detectors at once; of an attribute that several give the first detector's counts.
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
        var result = Result()
        var keys: Set<String> = []
        for (name, (found, reason)) in zip(names, answers) {
            guard let found else {
                result.failures.append((name, reason))
                continue
            }
            for (key, value) in found.attributes where keys.insert(key).inserted {
                result.attributes.append(EncodedAttribute(AttributeKey(key), value))
            }
        }
        return result
    }

    /// Lets `body` take up to `timeout`.
    private static func limited(
        by timeout: Duration, _ clock: any PipelineClock,
        _ body: @escaping @Sendable () async throws(DetectionFailure) -> Detected
    ) async throws(DetectionFailure) -> Detected {
        let first = await withTaskGroup(of: Swift.Result<Detected, DetectionFailure>.self) { group in
            group.addTask {
                do throws(DetectionFailure) {
                    return .success(try await body())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await clock.sleep(for: timeout)
                return .failure(.absent("no answer within \(timeout)"))
            }
            let first = await group.next() ?? .failure(.absent("no answer"))
            group.cancelAll()
            return first
        }
        return try first.get()
    }
}
