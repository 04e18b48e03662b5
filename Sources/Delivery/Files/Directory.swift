internal import Glibc

/// What file writers need of directories.
public enum Directory {
    /// The names in the directory at `path`, in no order, without `.` and `..`.
    public static func names(in path: String) throws(FileError) -> [String] {
        var names: [String] = []
        try visit(path) { names.append(String(cString: $0)) }
        return names
    }

    /// How many names the directory at `path` has, without `.` and `..`; takes no more memory for many.
    public static func count(in path: String) throws(FileError) -> Int {
        var count = 0
        try visit(path) { _ in count += 1 }
        return count
    }

    private static func visit(
        _ path: String, _ body: (UnsafePointer<CChar>) -> Void
    ) throws(FileError) {
        guard let stream = opendir(path) else { throw FileError("list", path) }
        defer { closedir(stream) }
        // An entry is only as long as its name, so its field of 256 bytes must not be read as a whole.
        guard let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name) else { return }
        while true {
            // Only this tells an error from the end.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = (UnsafeRawPointer(entry) + nameOffset).assumingMemoryBound(to: CChar.self)
            if strcmp(name, ".") != 0, strcmp(name, "..") != 0 { body(name) }
        }
        guard errno == 0 else { throw FileError("list", path) }
    }

    /// Where the symbolic link at `path` leads, as it is written; up to 4095 bytes of it.
    public static func target(ofLink path: String) throws(FileError) -> String {
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink(path, &target, target.count - 1)
        guard length >= 0 else { throw FileError("read the link", path) }
        return String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes the directory at `path` and those above it that are missing.
    public static func make(_ path: String, permissions: UInt32) throws(FileError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built == "/" ? "" : "/") + part
            guard mkdir(built, permissions) != 0, errno != EEXIST else { continue }
            throw FileError("make the directory", built)
        }
    }

    /// Whether something has the name `path`.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Throws unless the process may make files in the directory at `path`.
    public static func checkWritable(_ path: String) throws(FileError) {
        guard access(path, W_OK | X_OK) == 0 else { throw FileError("write into the directory", path) }
    }

    /// Gives the file at `path` the name `newPath`, in one step; what had that name is gone.
    public static func rename(_ path: String, to newPath: String) throws(FileError) {
        guard Glibc.rename(path, newPath) == 0 else { throw FileError("rename", path) }
    }

    /// Removes the file at `path`.
    public static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 else { throw FileError("remove", path) }
    }
}
