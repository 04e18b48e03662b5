internal import Glibc
internal import NIOCore
internal import NIOPosix
public import Transport

/// The thread for the work of control, which must not take time from telemetry: reading, checking, planning
/// and building configurations.
///
/// It is an executor for actors, one for the process, and gives way to the event loops of the lanes where
/// there are not enough processors for both (nice 15). Threads inherit that from the one that makes them, so
/// nothing that carries telemetry may be started on it.
public final class BackgroundThread: Sendable {
    /// The thread of the process.
    public static let shared = BackgroundThread()

    private static let niceness: CInt = 15

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: any EventLoop
    /// What tasks run on that belong here.
    public let taskExecutor: LoopExecutor

    private init() {
        loop = group.next()
        taskExecutor = LoopExecutor(loop)
        // On Linux "this process" is this thread.
        loop.execute { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness) }
    }

    /// What actors run on that belong here.
    public var executor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }
}
