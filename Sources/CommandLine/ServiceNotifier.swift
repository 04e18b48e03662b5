internal import Dispatch
internal import Engine
internal import Glibc
internal import Pipeline
internal import Transport

/// Tells the service manager how far the collector is (sd_notify(3)), where there is one that listens.
///
/// It speaks the protocol itself: one datagram of `NAME=value` lines to the socket in `NOTIFY_SOCKET`.
final class ServiceNotifier: Sendable {
    private let socket: NotificationSocket?
    /// How often the service manager wants to hear that all is well; `nil` when it does not.
    private let watchdogInterval: Duration?

    /// Reads what the service manager has put into the environment of this process.
    convenience init() {
        self.init { name in getenv(name).map { String(cString: $0) } }
        // What is meant for this process is not for those it might start.
        unsetenv("NOTIFY_SOCKET")
    }

    init(environment: (String) -> String?) {
        socket = environment("NOTIFY_SOCKET").flatMap { NotificationSocket(address: $0) }
        let isForUs = environment("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
        let microseconds = environment("WATCHDOG_USEC").flatMap { Int64($0) }
        watchdogInterval =
            if isForUs, let microseconds, microseconds > 0 { .microseconds(microseconds / 2) } else { nil }
    }

    /// Whether a service manager listens.
    var isActive: Bool { socket != nil }

    /// Everything runs; also the end of a reload.
    func ready(_ status: String) { send("READY=1\nSTATUS=\(Self.line(status))") }

    /// The configuration is being read again; `ready` has to follow.
    func reloading() {
        // On Linux this is CLOCK_MONOTONIC, which sd_notify(3) wants.
        let microseconds = DispatchTime.now().uptimeNanoseconds / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=Reading the configuration again")
    }

    /// The end has begun.
    func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(Self.line(status))") }

    /// What the collector is doing, for people.
    func status(_ text: String) { send("STATUS=\(Self.line(text))") }

    /// Says twice in each interval of the service manager that the loops get to their work, for as long as
    /// they do, until the task is cancelled.
    func keepAlive(_ watchdog: LoopWatchdog, _ clock: any PipelineClock) async {
        guard socket != nil, let watchdogInterval else { return }
        repeat {
            if watchdog.isAlive { send("WATCHDOG=1") }
        } while (try? await clock.sleep(for: watchdogInterval)) != nil
    }

    private func send(_ text: String) { socket?.send(text) }

    /// A status is one line.
    private static func line(_ text: String) -> String {
        text.split(whereSeparator: { $0.isNewline }).joined(separator: " ")
    }
}
