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
        self.init(action: action, path: path, code: errno)
    }

    /// Makes an error with a known `errno`.
    init(action: String, path: String, code: Int32) {
        self.action = action
        self.path = path
        self.code = code
    }

    public var description: String { "cannot \(action) \(path): \(String(cString: strerror(code)))" }
}
