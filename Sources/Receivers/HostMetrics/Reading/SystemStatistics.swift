/// What `/proc/stat` says (proc_stat(5)).
struct SystemStatistics: Sendable, Equatable {
    /// What a processor did since the host was started, in ticks of the clock.
    struct Processor: Sendable, Equatable {
        /// Such as `cpu0`.
        let name: String
        var user: UInt64 = 0
        var nice: UInt64 = 0
        var system: UInt64 = 0
        var idle: UInt64 = 0
        var wait: UInt64 = 0
        var interrupt: UInt64 = 0
        var softirq: UInt64 = 0
        var steal: UInt64 = 0

        /// Everything; what guests get is a part of `user` and `nice`.
        var total: UInt64 {
            [nice, system, idle, wait, interrupt, softirq, steal].reduce(user) { $0 &+ $1 }
        }
    }

    /// The processors that are on.
    var processors: [Processor] = []
    /// Seconds since 1970.
    var bootTime: UInt64 = 0
    /// Processes and threads since the host was started.
    var created: UInt64?
    var running: UInt64?
    var blocked: UInt64?

    /// Ticks per second, the same on all machines (USER_HZ).
    static let ticksPerSecond = 100.0

    static func read(_ files: HostFiles) throws(HostReadError) -> SystemStatistics {
        let statistics = SystemStatistics(try files.read("/proc/stat"))
        guard !statistics.processors.isEmpty else {
            throw .content(path: files.place("/proc/stat"), "it has no line of a processor")
        }
        return statistics
    }

    init(_ text: KernelText) {
        for line in text.lines {
            let words = line.words
            guard words.count >= 2, let value = words[1].number else { continue }
            switch words[0].text {
            case "btime": bootTime = value
            case "processes": created = value
            case "procs_running": running = value
            case "procs_blocked": blocked = value
            case let name where name.hasPrefix("cpu") && name.utf8.count > 3:
                // Kernels before 2.6.11 have fewer numbers, newer ones may have more.
                let numbers = words.dropFirst().prefix(8).compactMap { $0.number }
                if numbers.count >= 4 { processors.append(Processor(name, numbers)) }
            default: break
            }
        }
    }
}

extension SystemStatistics.Processor {
    fileprivate init(_ name: String, _ numbers: [UInt64]) {
        func number(_ place: Int) -> UInt64 { numbers.indices.contains(place) ? numbers[place] : 0 }
        self.init(
            name: name, user: number(0), nice: number(1), system: number(2), idle: number(3),
            wait: number(4), interrupt: number(5), softirq: number(6), steal: number(7))
    }

    /// The time in each state, by the names of OpenTelemetry.
    var states: [(state: String, ticks: UInt64)] {
        [
            ("user", user), ("system", system), ("idle", idle), ("interrupt", interrupt), ("nice", nice),
            ("softirq", softirq), ("steal", steal), ("wait", wait),
        ]
    }
}
