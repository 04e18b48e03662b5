internal import Wire

/// What a spool asks of the operating system; tests put themselves between.
///
/// Every call blocks until the answer is there, so only the thread of a spool makes them.
protocol SpoolDisk: Sendable {
    /// Opens a file for reading and writing, as it is or made anew, or for reading only.
    func open(_ path: String, _ mode: DiskFile.Mode) throws(FileError) -> DiskFile
    func close(_ file: DiskFile)
    /// Bytes in the file.
    func size(of file: DiskFile) throws(FileError) -> Int
    /// Writes from the front of `pieces` at byte `offset` and returns how many bytes the file took: one at
    /// least, maybe not all.
    func write(_ pieces: ArraySlice<Bytes>, to file: DiskFile, at offset: Int) throws(FileError) -> Int
    /// Reads at byte `offset` into the front of `memory` and returns how many bytes there were, 0 at the end.
    func read(
        from file: DiskFile, at offset: Int, into memory: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int
    /// Cuts the file off after `size` bytes.
    func truncate(_ file: DiskFile, to size: Int) throws(FileError)
    /// Returns when the content of the file is on the disk.
    func synchronize(_ file: DiskFile) throws(FileError)
    /// Returns when the names in a directory are on the disk.
    func synchronizeDirectory(_ path: String) throws(FileError)
    func remove(_ path: String) throws(FileError)
    func rename(_ path: String, to newPath: String) throws(FileError)
}

extension SpoolDisk {
    /// Writes all `pieces` at byte `offset`, or as much as goes; with the bytes written and what ended it.
    func writeAll(
        _ pieces: [Bytes], to file: DiskFile, at offset: Int
    ) -> (written: Int, error: FileError?) {
        var rest = pieces[...]
        var written = 0
        while !rest.isEmpty {
            var count: Int
            do throws(FileError) {
                count = try write(rest, to: file, at: offset + written)
            } catch {
                return (written, error)
            }
            written += count
            while let first = rest.first, count >= first.count {
                count -= first.count
                rest.removeFirst()
            }
            if count > 0, let first = rest.popFirst() {
                // The slice shares its memory with the piece.
                rest = [first[count..<first.count]] + rest
            }
        }
        return (written, nil)
    }

    /// Reads `count` bytes at byte `offset`, or fewer at the end of the file.
    func read(from file: DiskFile, at offset: Int, count: Int) throws(FileError) -> Bytes {
        var content = BytesBuilder(capacity: count)
        var isAtEnd = false
        while !isAtEnd, content.count < count {
            let (position, room) = (offset + content.count, count - content.count)
            try content.appendInPlace(minimum: room) { (memory) throws(FileError) in
                let filled = try read(
                    from: file, at: position, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<room]))
                isAtEnd = filled == 0
                return filled
            }
        }
        return content.finish()
    }
}

/// A file that is open; whoever opened it closes it.
struct DiskFile: Sendable {
    enum Mode: Sendable {
        /// For reading and writing; made when it does not exist.
        case write
        case read
    }

    let path: String
    let descriptor: Int32
}
