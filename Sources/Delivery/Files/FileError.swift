internal import Glibc

/// Why the operating system refused to do something with a file.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done, such as `open`.
    public let action: String
    public let path: String
    /// The `errno` of the failure.
    public let code: Int32

    /// Makes an error from the `errno` of the call that has just failed.
    init(_ action: String, _ path: String) {
        self.action = action
        self.path = path
        code = errno
    }

    public var description: String { "cannot \(action) \(path): \(String(cString: strerror(code)))" }
}
