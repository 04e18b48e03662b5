import CEpoll
import Glibc

/// Tells which sockets have something to do.
final class Poller {
    struct Event {
        let token: Int
        let isReadable: Bool
        let isWritable: Bool
        /// The other side is gone, or the attempt to connect failed.
        let isBroken: Bool
    }

    private let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var events = [epoll_event](repeating: epoll_event(), count: 1024)

    func add(_ file: Int32, token: Int, reads: Bool, writes: Bool) {
        control(EPOLL_CTL_ADD, file, token, reads, writes)
    }

    func change(_ file: Int32, token: Int, reads: Bool, writes: Bool) {
        control(EPOLL_CTL_MOD, file, token, reads, writes)
    }

    private func control(_ operation: Int32, _ file: Int32, _ token: Int, _ reads: Bool, _ writes: Bool) {
        var event = epoll_event()
        event.events = (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
        event.data.u64 = UInt64(token)
        if epoll_ctl(descriptor, operation, file, &event) != 0 {
            writeText(
                "fleet-simulator: cannot watch socket \(file): \(String(cString: strerror(errno)))\n", to: 2)
        }
    }

    /// Waits for so many milliseconds at most.
    func wait(_ milliseconds: Int32, _ body: (Event) -> Void) {
        let count = epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        for index in 0..<max(Int(count), 0) {
            let bits = events[index].events
            body(
                Event(
                    token: Int(events[index].data.u64), isReadable: bits & EPOLLIN.rawValue != 0,
                    isWritable: bits & EPOLLOUT.rawValue != 0,
                    isBroken: bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0))
        }
    }
}

/// The monotonic clock in nanoseconds, the same as that of Python's `time.monotonic_ns`.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
