internal import Glibc
internal import Wire

/// The real disk.
struct SystemDisk: SpoolDisk {
    /// The most pieces that one call takes (`IOV_MAX`).
    private static let pieceLimit = 1024

    func open(_ path: String, _ mode: DiskFile.Mode) throws(FileError) -> DiskFile {
        let flags = mode == .write ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC
        let descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw FileError("open", path) }
        return DiskFile(path: path, descriptor: descriptor)
    }

    func close(_ file: DiskFile) { _ = Glibc.close(file.descriptor) }

    func size(of file: DiskFile) throws(FileError) -> Int {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else { throw FileError("look at", file.path) }
        return Int(status.st_size)
    }

    func write(_ pieces: ArraySlice<Bytes>, to file: DiskFile, at offset: Int) throws(FileError) -> Int {
        // The pointers stay valid outside of their closures: the pieces are kept alive around the call.
        let vectors = pieces.prefix(Self.pieceLimit).map { piece in
            piece.withUnsafeBytes {
                iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
            }
        }
        var count = -1
        withExtendedLifetime(pieces) {
            repeat {
                count = pwritev(file.descriptor, vectors, Int32(vectors.count), off_t(offset))
            } while count < 0 && errno == EINTR
        }
        guard count != 0 else { throw FileError(action: "write to", path: file.path, code: EIO) }
        guard count > 0 else { throw FileError("write to", file.path) }
        return count
    }

    func read(
        from file: DiskFile, at offset: Int, into memory: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        var count = -1
        repeat {
            count = pread(file.descriptor, memory.baseAddress, memory.count, off_t(offset))
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw FileError("read", file.path) }
        return count
    }

    func truncate(_ file: DiskFile, to size: Int) throws(FileError) {
        guard ftruncate(file.descriptor, off_t(size)) == 0 else { throw FileError("cut off", file.path) }
    }

    func synchronize(_ file: DiskFile) throws(FileError) {
        guard fdatasync(file.descriptor) == 0 else { throw FileError("synchronize", file.path) }
    }

    func synchronizeDirectory(_ path: String) throws(FileError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { _ = Glibc.close(descriptor) }
        // Some file systems cannot do this for directories and say EINVAL; there is nothing else to try.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError("synchronize", path) }
    }

    func remove(_ path: String) throws(FileError) { try Directory.remove(path) }

    func rename(_ path: String, to newPath: String) throws(FileError) {
        try Directory.rename(path, to: newPath)
    }
}
