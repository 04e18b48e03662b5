internal import Delivery
internal import Pipeline
internal import Synchronization
internal import Wire

/// Files with credentials, read anew for every request and within its time.
///
/// Requests at the same time share one look at the files, and one thread: a file system that hangs keeps
/// nothing else waiting.
final class CredentialFiles: Sendable {
    private typealias Reading = Task<Result<[String: String], AccessFailure>, Never>

    private let paths: [String]
    /// By the clock of the machine, as the files are.
    private let clock = SystemClock()
    private let thread: DeadlineThread
    private let reading = Mutex<Reading?>(nil)

    init(_ settings: HTTPAccessSettings) {
        paths = [
            settings.basicAuth?.usernameFile, settings.basicAuth?.passwordFile,
            settings.authorization?.credentialsFile, settings.bearerTokenFile,
        ].compactMap { $0 }.filter { !$0.isEmpty }
        thread = DeadlineThread(clock: SystemClock())
    }

    deinit { thread.close() }

    /// What is in the files, by their paths, without the blanks around it.
    func texts(within limit: Duration) async throws(AccessFailure) -> [String: String] {
        guard !paths.isEmpty else { return [:] }
        let reading = reading.withLock { present in
            let reading = present ?? begin(within: limit)
            present = reading
            return reading
        }
        let answer = FirstAnswer<Result<[String: String], AccessFailure>?>()
        Task { answer.give(await reading.value) }
        let timer = Task { [clock] in
            if (try? await clock.sleep(for: limit)) != nil { answer.give(nil) }
        }
        let result = await withTaskCancellationHandler {
            await answer.wait()
        } onCancel: {
            answer.give(nil)
        }
        timer.cancel()
        guard let result else { throw AccessFailure("the credentials could not be read in time") }
        return try result.get()
    }

    private func begin(within limit: Duration) -> Reading {
        let (paths, thread) = (paths, thread)
        return Task { [weak self] in
            let result: Result<[String: String], AccessFailure>
            do throws(DeadlineThread.Failure) {
                result = try await thread.run(within: limit) { Self.read(paths) }
            } catch {
                result = .failure(AccessFailure("reading the credentials \(error)"))
            }
            self?.reading.withLock { $0 = nil }
            return result
        }
    }

    private static func read(_ paths: [String]) -> Result<[String: String], AccessFailure> {
        var texts: [String: String] = [:]
        for path in paths {
            do throws(FileError) {
                let text = try SmallFile.read(path).string.drop { $0.isWhitespace }
                texts[path] = text.lastIndex { !$0.isWhitespace }.map { String(text[...$0]) } ?? ""
            } catch {
                return .failure(AccessFailure("the credentials cannot be read: \(error)"))
            }
        }
        return .success(texts)
    }
}
