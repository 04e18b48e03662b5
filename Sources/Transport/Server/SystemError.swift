internal import Glibc

/// An error number of the system, with the system's own words for it.
struct SystemError: CustomStringConvertible {
    let number: CInt

    /// The error of the last call that failed on this thread.
    static var last: SystemError { SystemError(number: errno) }

    var description: String { "\(String(cString: strerror(number))) (errno \(number))" }
}
