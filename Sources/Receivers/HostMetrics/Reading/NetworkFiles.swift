/// A line of `/proc/net/dev`.
struct NetworkInterface: Sendable, Equatable {
    struct Direction: Sendable, Equatable {
        let bytes: UInt64
        let packets: UInt64
        let errors: UInt64
        let dropped: UInt64
    }

    let name: String
    let received: Direction
    let sent: Direction

    static func read(_ files: HostFiles) throws(HostReadError) -> [NetworkInterface] {
        let interfaces = all(in: try NetworkFiles.read("dev", files))
        guard !interfaces.isEmpty else {
            throw .content(path: files.place("/proc/net/dev"), "it names no interface")
        }
        return interfaces
    }

    static func all(in text: KernelText) -> [NetworkInterface] {
        text.lines.dropFirst(2).compactMap { NetworkInterface($0) }
    }

    private init?(_ line: KernelText.Part) {
        // Names of aliases have colons themselves, and the numbers may follow at once.
        guard let colon = line.lastIndex(of: 0x3A) else { return nil }
        let numbers = line[line.index(after: colon)...].words.compactMap { $0.number }
        guard numbers.count >= 12 else { return nil }
        name = line[..<colon].trimmed.text
        guard !name.isEmpty else { return nil }
        received = Direction(
            bytes: numbers[0], packets: numbers[1], errors: numbers[2], dropped: numbers[3])
        sent = Direction(bytes: numbers[8], packets: numbers[9], errors: numbers[10], dropped: numbers[11])
    }
}

/// How many connections of TCP are in each state.
struct ConnectionStates: Sendable, Equatable {
    private static let names = [
        "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
        "LAST_ACK", "LISTEN", "CLOSING",
    ]
    /// Bytes of a table that are read at most, piece by piece: about 400 000 connections.
    private static let limit = 64 << 20

    private var numbers = [UInt64](repeating: 0, count: names.count)

    /// All states, those without a connection too.
    var counts: [(state: String, count: UInt64)] { Array(zip(Self.names, numbers)) }

    /// Counts the connections of IPv4 and IPv6, where the kernel has that.
    static func read(_ files: HostFiles, limit: Int = limit) throws(HostReadError) -> ConnectionStates {
        var states = try NetworkFiles.choose(files) { path throws(HostReadError) in
            try ConnectionStates(files, path + "tcp", limit)
        }
        do throws(HostReadError) {
            let others = try NetworkFiles.choose(files) { path throws(HostReadError) in
                try ConnectionStates(files, path + "tcp6", limit)
            }
            for place in others.numbers.indices { states.numbers[place] += others.numbers[place] }
        } catch {
            guard error.isAbsence else { throw error }
        }
        return states
    }

    init() {}

    private init(_ files: HostFiles, _ path: String, _ limit: Int) throws(HostReadError) {
        var states = ConnectionStates()
        try files.visitLines(of: path, limit: limit) { states.add($0) }
        self = states
    }

    /// Counts a line of a table such as `/proc/net/tcp`: the fourth word is the state, in hexadecimal.
    ///
    /// That of the line with the names of the columns is none.
    mutating func add(_ line: KernelText.Part) {
        let words = line.split(maxSplits: 4, omittingEmptySubsequences: true) { $0 == 0x20 }
        guard words.count > 3, let state = Int(words[3].text, radix: 16) else { return }
        if numbers.indices.contains(state - 1) { numbers[state - 1] += 1 }
    }
}

/// Files about the network, which each name space has its own of.
enum NetworkFiles {
    static func read(_ name: String, _ files: HostFiles) throws(HostReadError) -> KernelText {
        try choose(files) { path throws(HostReadError) in try files.read(path + name) }
    }

    /// Gives `body` the directory of these files, and another where it cannot read there.
    ///
    /// Below another root, `/proc/net` is that of the collector; the first process has that of the host.
    static func choose<Value>(
        _ files: HostFiles, _ body: (String) throws(HostReadError) -> Value
    ) throws(HostReadError) -> Value {
        if files.isForeign, let value = try? body("/proc/1/net/") { return value }
        return try body("/proc/net/")
    }
}
