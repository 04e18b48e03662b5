internal import Dispatch
internal import Glibc
internal import Synchronization

/// The signals the process listens to, as a sequence.
final class ProcessSignals: Sendable {
    /// What a signal asks for.
    enum Request: Sendable {
        case stop, reload
        /// Stop, and begin anew in the same process; no signal asks for that.
        case restart
    }

    /// Requests in the order of their arrival.
    let received: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation
    private let source: Source
    private let exits = Atomic<Bool>(false)

    init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Request.self, bufferingPolicy: .bufferingNewest(16))
        received = stream
        self.continuation = continuation
        // A peer that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        source = Source(object: DispatchSource.makeReadSource(fileDescriptor: SignalPipe.shared.readEnd))
        source.object.setEventHandler { [weak self] in
            for number in SignalPipe.shared.takeAll() { self?.take(number == SIGHUP ? .reload : .stop) }
        }
        source.object.resume()
        for number in [SIGTERM, SIGINT, SIGHUP] { signal(number) { SignalPipe.shared.note($0) } }
    }

    /// Keeps the source alive.
    ///
    /// `@unchecked Sendable` is sound because nothing touches it after `init`.
    private struct Source: @unchecked Sendable {
        let object: any DispatchSourceRead
    }

    /// From now on another request to stop ends the process without waiting for anything.
    func exitOnNextStop() { exits.store(true, ordering: .relaxed) }

    /// Asks for a stop after which the process begins anew.
    func restart() { continuation.yield(.restart) }

    /// Ends the sequence.
    func finish() { continuation.finish() }

    private func take(_ request: Request) {
        if request == .stop, exits.load(ordering: .relaxed) {
            Report.write("stopped at once by a second signal\n")
            _exit(130)
        }
        continuation.yield(request)
    }
}

/// The way of a signal from the thread that it interrupts to the rest of the program.
///
/// A handler of our own, because a signal source of Dispatch has lost signals that came while it was busy.
private final class SignalPipe: Sendable {
    /// Made before the first handler is set, so that a handler never has to.
    static let shared = SignalPipe()

    let readEnd: Int32
    private let writeEnd: Int32

    private init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe signals do nothing; but what cannot have two more files cannot start anyway.
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// Called by the handler: does only what is allowed there (signal-safety(7)).
    func note(_ number: Int32) {
        let kept = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(writeEnd, &byte, 1)
        errno = kept
    }

    /// The signals since the last call, in order.
    func takeAll() -> [Int32] {
        var numbers: [Int32] = []
        var byte: UInt8 = 0
        while read(readEnd, &byte, 1) == 1 { numbers.append(Int32(byte)) }
        return numbers
    }
}
