/// The processes of the host.
struct ProcessList: Sendable {
    /// How many are looked at in one scrape.
    static let limit = 100_000

    /// In ascending order.
    let ids: [UInt64]
    /// How many are there beyond the limit.
    let excess: Int

    static func read(_ files: HostFiles, limit: Int = limit) throws(HostReadError) -> ProcessList {
        let list = ProcessList(try files.names(in: "/proc"), limit: limit)
        guard !list.ids.isEmpty else {
            throw .content(path: files.place("/proc"), "it shows no process")
        }
        return list
    }

    init(_ names: [String], limit: Int = limit) {
        let ids = names.compactMap { Array($0.utf8)[...].number }.sorted()
        self.ids = Array(ids.prefix(limit))
        excess = max(ids.count - limit, 0)
    }
}

/// What `/proc/PID/stat` says (proc_pid_stat(5)).
struct ProcessStatistics: Sendable, Equatable {
    /// A letter, such as `S`.
    let state: String
    let parent: UInt64
    let minorFaults: UInt64
    let majorFaults: UInt64
    /// Ticks of the clock.
    let userTime: UInt64
    let systemTime: UInt64
    /// Ticks after the start of the host.
    let start: UInt64
    /// Ticks that it waited for disks; 0 where the kernel does not count it.
    let waitTime: UInt64

    init?(_ text: KernelText) {
        // The name stands in parentheses and may hold anything, parentheses and blanks included.
        guard let end = text.bytes.lastIndex(of: 0x29) else { return nil }
        let words = text.bytes[(end + 1)...].words
        guard words.count >= 20 else { return nil }
        /// A field by its number in the manual.
        func field(_ number: Int) -> UInt64? {
            words.indices.contains(number - 3) ? words[number - 3].trimmedLine.number : nil
        }
        guard let parent = field(4), let minor = field(10), let major = field(12), let user = field(14),
            let system = field(15), let start = field(22)
        else { return nil }
        state = words[0].text
        self.parent = parent
        (minorFaults, majorFaults) = (minor, major)
        (userTime, systemTime, self.start) = (user, system, start)
        waitTime = field(42) ?? 0
    }
}

extension ArraySlice<UInt8> {
    /// Without the end of a line.
    fileprivate var trimmedLine: ArraySlice<UInt8> { last == 0x0A ? dropLast() : self }
}

/// What `/proc/PID/status` says (proc_pid_status(5)).
struct ProcessStatus: Sendable {
    private let values: [String: KernelText.Part]

    init(_ text: KernelText) { values = text.values }

    /// Up to 15 bytes of the name.
    var name: String? { values["Name"]?.text }
    /// The user that it belongs to.
    var user: UInt64? { values["Uid"]?.words.first?.number }
    var threads: UInt64? { values["Threads"]?.number }
    var voluntarySwitches: UInt64? { values["voluntary_ctxt_switches"]?.number }
    var involuntarySwitches: UInt64? { values["nonvoluntary_ctxt_switches"]?.number }

    /// Signals that wait, for the process and for its first thread.
    var pendingSignals: UInt64? {
        let masks = ["SigPnd", "ShdPnd"].compactMap { name in
            values[name].flatMap { UInt64($0.text, radix: 16) }
        }
        guard masks.count == 2 else { return nil }
        return UInt64((masks[0] | masks[1]).nonzeroBitCount)
    }
}

/// The command line of a process, `/proc/PID/cmdline`.
struct CommandLine: Sendable, Equatable {
    /// Bytes of it that are read; the rest of a longer one is cut off.
    static let limit = 128 << 10

    let arguments: [String]

    init(_ text: KernelText) {
        var bytes = text.bytes[...]
        while bytes.last == 0 { bytes.removeLast() }
        arguments =
            bytes.isEmpty ? [] : bytes.split(separator: 0, omittingEmptySubsequences: false).map { $0.text }
    }

    /// The name, which the kernel cuts at 15 bytes, made whole where the command shows it.
    func completed(_ name: String) -> String {
        guard name.utf8.count >= 15, let command = arguments.first?.split(separator: "/").last,
            command.hasPrefix(name)
        else { return name }
        return String(command)
    }
}

/// The users that `/etc/passwd` names.
struct UserNames: Sendable {
    private let names: [UInt64: String]

    static func read(_ files: HostFiles) throws(HostReadError) -> UserNames {
        UserNames(try files.read("/etc/passwd", limit: 16 << 20))
    }

    init(_ text: KernelText) {
        var names: [UInt64: String] = [:]
        for line in text.lines {
            let fields = line.split(separator: 0x3A, maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, let id = fields[2].number, names[id] == nil else { continue }
            names[id] = fields[0].text
        }
        self.names = names
    }

    subscript(id: UInt64) -> String? { names[id] }
}
