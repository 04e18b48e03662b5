internal import Delivery
internal import Glibc
public import Pipeline
internal import Synchronization
internal import Wire

/// The record of every write and every denied try: lines that are only added, each with a hash of the one
/// before.
///
/// `<state>/audit.log` can be read by its owner only. It grows to `maximumBytes` and is then put aside as
/// `audit.log.1` and so on, `maximumFiles` of them; the chain goes on from file to file. What cannot be
/// written is thrown, so that whoever asks can refuse to go on.
public final class AuditLog: Sendable {
    /// The size at which a file is put aside, in bytes.
    public static let maximumBytes = 16 << 20
    /// Files that are kept beside the present one; older ones are removed.
    public static let maximumFiles = 8

    private static let fileName = "audit.log"
    private static let beginning = String(repeating: "0", count: 64)

    private struct State {
        var number = 0
        var hash = AuditLog.beginning
        var size = 0
        /// A line may have been written in part, so the end of the file must be looked at again.
        var isUncertain = true
    }

    private let directory: String
    private let clock: any PipelineClock
    private let maximumBytes: Int
    private let maximumFiles: Int
    private let state = Mutex(State())

    /// Makes the log of a state directory; nothing is opened before the first entry.
    public init(
        in directory: String, clock: any PipelineClock, maximumBytes: Int = maximumBytes,
        maximumFiles: Int = maximumFiles
    ) {
        self.directory = directory
        self.clock = clock
        self.maximumBytes = maximumBytes
        self.maximumFiles = max(maximumFiles, 1)
    }

    private var path: String { "\(directory)/\(Self.fileName)" }

    /// Adds an entry; when this returns, it is on the disk.
    public func append(_ entry: AuditEntry) throws(StateFailure) {
        let time = clock.unixNanoseconds
        try state.withLock { (state) throws(StateFailure) in
            if state.isUncertain { try resume(&state) }
            if state.size >= maximumBytes { try putAside(&state) }
            let (text, hash) = entry.line(number: state.number + 1, time: time, previous: state.hash)
            state.isUncertain = true
            state.size = try write(text + "\n")
            state.number += 1
            state.hash = hash
            state.isUncertain = false
        }
    }

    private func write(_ text: String) throws(StateFailure) -> Int {
        do throws(FileError) {
            var file = try OutputFile(path, .append)
            var rest = Bytes(utf8: text)
            while !rest.isEmpty { rest = rest[(try file.write(rest))..<rest.count] }
            try file.synchronize()
            return file.size
        } catch {
            throw StateFailure("\(error)")
        }
    }

    /// Finds the end of the chain; a line that a process has not finished is cut off.
    private func resume(_ state: inout State) throws(StateFailure) {
        state = State()
        var content = try Self.content(of: path)
        if let text = content, !text.isEmpty, !text.hasSuffix("\n") {
            let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
            guard truncate(path, whole.utf8.count) == 0 else {
                throw StateFailure("cannot cut off \(path): \(String(cString: strerror(errno)))")
            }
            content = String(whole)
        }
        state.size = content?.utf8.count ?? 0
        if content?.isEmpty != false { content = try Self.content(of: "\(path).1") }
        if let line = content?.split(separator: "\n").last {
            var chain = AuditChain()
            if let fault = chain.take(line) {
                throw StateFailure("the last line of \(path) cannot be carried on: \(fault)")
            }
            if let last = chain.last { (state.number, state.hash) = (last.number, last.hash) }
        }
        state.isUncertain = false
    }

    private func putAside(_ state: inout State) throws(StateFailure) {
        do throws(FileError) {
            for number in stride(from: maximumFiles - 1, through: 1, by: -1) {
                let old = "\(path).\(number)"
                if Directory.exists(old) { try Directory.rename(old, to: "\(path).\(number + 1)") }
            }
            try Directory.rename(path, to: "\(path).1")
        } catch {
            throw StateFailure("\(error)")
        }
        state.size = 0
    }

    private static func content(of path: String) throws(StateFailure) -> String? {
        do throws(FileError) {
            return try SmallFile.read(path, limit: 1 << 30).string
        } catch {
            guard error.code != ENOENT else { return nil }
            throw StateFailure("\(error)")
        }
    }

    // MARK: - Verification

    /// What checking a log has found.
    public struct Verification: Sendable, Equatable {
        /// Lines that were looked at.
        public let lines: Int
        /// The number of the first line that is there; more than 1 when older files have been removed.
        public let first: Int?
        /// One sentence for each fault, with the file and the line.
        public let faults: [String]

        public var isIntact: Bool { faults.isEmpty }
    }

    /// Checks the whole log of a state directory, oldest line first.
    ///
    /// That lines are missing at its end cannot be seen from the log alone.
    public static func verify(in directory: String) throws(StateFailure) -> Verification {
        let path = "\(directory)/\(fileName)"
        var files: [String] = []
        var number = 1
        while Directory.exists("\(path).\(number)") {
            files.insert("\(path).\(number)", at: 0)
            number += 1
        }
        if Directory.exists(path) { files.append(path) }
        var chain = AuditChain()
        var lines = 0
        var first: Int?
        var faults: [String] = []
        for file in files {
            for (index, line) in (try content(of: file) ?? "").split(separator: "\n").enumerated() {
                if let fault = chain.take(line) { faults.append("\(file):\(index + 1): \(fault)") }
                if first == nil { first = chain.last?.number }
                lines += 1
            }
        }
        return Verification(lines: lines, first: first, faults: faults)
    }
}
