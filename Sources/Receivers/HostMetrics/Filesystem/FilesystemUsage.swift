internal import Glibc

/// How full a file system is.
struct FilesystemUsage: Sendable, Equatable {
    /// Bytes.
    let total: UInt64
    /// What everybody may use; the rest of what is free is reserved.
    let free: UInt64
    let used: UInt64
    let inodes: UInt64
    let freeInodes: UInt64
    /// The number of the device, such as `8:1`; empty where that is not known.
    var device = ""

    var reserved: UInt64 { total - min(used, total) - min(free, total - min(used, total)) }

    /// Asks for the one at a path, which hangs for as long as a server does not answer.
    ///
    /// Returns the `errno` where there is none.
    static func read(at path: String) -> Result<FilesystemUsage, Failure> {
        var answer = statvfs()
        guard statvfs(path, &answer) == 0 else { return .failure(Failure(code: errno)) }
        var usage = FilesystemUsage(answer)
        var file = stat()
        if stat(path, &file) == 0 { usage.device = deviceNumber(UInt64(file.st_dev)) }
        return .success(usage)
    }

    /// As the kernel writes it, `major:minor`.
    static func deviceNumber(_ device: UInt64) -> String {
        let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
        let minor = device & 0xFF | (device >> 12) & ~0xFF
        return "\(major):\(minor)"
    }

    struct Failure: Error, CustomStringConvertible {
        let code: Int32

        var description: String { String(cString: strerror(code)) }
    }

    private init(_ answer: statvfs) {
        let size = UInt64(answer.f_frsize > 0 ? answer.f_frsize : answer.f_bsize)
        func bytes(_ blocks: UInt64) -> UInt64 {
            let (bytes, isTooLarge) = blocks.multipliedReportingOverflow(by: size)
            return isTooLarge ? .max : bytes
        }
        self.init(
            total: bytes(UInt64(answer.f_blocks)), free: bytes(UInt64(answer.f_bavail)),
            used: bytes(UInt64(answer.f_blocks) - min(UInt64(answer.f_bfree), UInt64(answer.f_blocks))),
            inodes: UInt64(answer.f_files), freeInodes: UInt64(answer.f_ffree))
    }

    init(total: UInt64, free: UInt64, used: UInt64, inodes: UInt64, freeInodes: UInt64) {
        (self.total, self.free, self.used) = (total, free, used)
        (self.inodes, self.freeInodes) = (inodes, freeInodes)
    }
}
