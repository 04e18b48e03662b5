internal import Glibc

/// Why a spool could not do what it was asked for.
public struct SpoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What stood in the way.
    public enum Kind: Sendable, Equatable {
        /// The record does not fit into what the spool may take on the disk, `limit` bytes.
        case full(limit: Int)
        /// The file system has no space left, or no quota.
        case noSpace(FileError)
        /// The operating system refused for another reason.
        case io(FileError)
        /// Bytes on the disk are not what was written there.
        case corrupt(what: String, place: String)
        /// Another process uses the directory at `path`.
        case locked(path: String, owner: String)
        /// The spool was closed.
        case closed
        /// The record was removed, or could never be written.
        case removed
    }

    public let kind: Kind

    /// Makes an error of this kind.
    init(_ kind: Kind) { self.kind = kind }

    /// Makes an error of what the operating system said.
    init(_ error: FileError) {
        kind = error.code == ENOSPC || error.code == EDQUOT ? .noSpace(error) : .io(error)
    }

    public var description: String {
        switch kind {
        case .full(let limit):
            "the spool is full: it may take \(limit) bytes on the disk; raise max_size, or let the exporter "
                + "catch up"
        case .noSpace(let error):
            "\(error); free space on this file system, writing goes on by itself then"
        case .io(let error):
            "\(error)"
        case .corrupt(let what, let place):
            "\(place): \(what); set recreate: true to put such files aside and start without them"
        case .locked(let path, let owner):
            "\(path) is in use by \(owner.isEmpty ? "another process" : "process \(owner)"); stop it, or "
                + "give each collector a storage directory of its own"
        case .closed:
            "the spool is closed"
        case .removed:
            "the record was removed from the spool"
        }
    }
}
