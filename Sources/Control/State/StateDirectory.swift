internal import Delivery
internal import Glibc
internal import Settings

/// The directory where a collector keeps what must survive its process; one process at a time has it.
///
/// Only its owner can read it. The lock is one of the operating system, so it ends with the process.
public final class StateDirectory: Sendable {
    /// A directory as somebody asked for it.
    public struct Place: Sendable, Equatable {
        public let path: String
        /// Whether somebody named it, on the command line or by `STATE_DIRECTORY`, so that a failure matters.
        public let isNamed: Bool

        public init(path: String, isNamed: Bool) {
            self.path = path
            self.isNamed = isNamed
        }

        /// Where the state is: `option`, else `$STATE_DIRECTORY` (systemd), else `$XDG_STATE_HOME/apus`, else
        /// as root `/var/lib/apus`, else `~/.local/state/apus`.
        public init(option: String?, environment: [String: String], isRoot: Bool) {
            func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
            if let path = option ?? value("STATE_DIRECTORY").map({ $0.prefix { $0 != ":" } }).map(String.init)
            {
                self.init(path: path, isNamed: true)
            } else if let home = value("XDG_STATE_HOME") {
                self.init(path: "\(home)/apus", isNamed: false)
            } else if isRoot {
                self.init(path: "/var/lib/apus", isNamed: false)
            } else {
                self.init(path: "\(value("HOME") ?? "")/.local/state/apus", isNamed: false)
            }
        }

        /// The same for this process.
        public static func ofProcess(option: String?) -> Place {
            let names = ["STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"]
            let found = names.compactMap { name in getenv(name).map { (name, String(cString: $0)) } }
            return Place(
                option: option, environment: Dictionary(found) { first, _ in first }, isRoot: geteuid() == 0)
        }
    }

    public let path: String
    private let lock: Int32

    /// Makes the directory when it is missing and takes it for this process.
    public init(_ path: String) throws(StateFailure) {
        do throws(FileError) {
            try Directory.make(path, permissions: 0o700)
            try Directory.checkWritable(path)
        } catch {
            throw StateFailure("\(error)")
        }
        let lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw StateFailure("cannot open \(path)/lock: \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw StateFailure("\(path) is used by another Apus; give each its own --state-directory")
        }
        self.path = path
        self.lock = lock
    }

    deinit { close(lock) }
}
