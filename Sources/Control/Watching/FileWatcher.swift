public import Pipeline

/// Reads the sources again when their content has changed.
///
/// Whoever sees that something has happened near them wakes it. It waits until things are quiet, compares
/// what the sources say with what they said, and reloads. What is wrong is reported once and changes nothing.
public struct FileWatcher: Sendable {
    /// How long it waits for whoever writes to be done.
    public static let pause = Duration.milliseconds(250)

    private let service: ConfigurationService
    private let clock: any PipelineClock

    public init(_ service: ConfigurationService, clock: any PipelineClock) {
        self.service = service
        self.clock = clock
    }

    /// Works until the stream ends or the task is cancelled; `known` is what the sources said when they were
    /// used, as `ConfigurationService.fingerprint` gives it.
    public func run(known: String, wake: AsyncStream<Void>) async {
        var known = known
        for await _ in wake {
            guard (try? await clock.sleep(for: Self.pause)) != nil else { return }
            let present = await service.fingerprint()
            guard present != known else { continue }
            known = present
            // Errors are in the log already, and the running configuration stays.
            _ = try? await service.reload(by: ChangeOrigin(.file, actor: "watcher"))
        }
    }
}
