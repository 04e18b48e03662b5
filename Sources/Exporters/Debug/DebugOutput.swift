internal import Delivery
internal import Pipeline
internal import Synchronization
internal import Wire

/// Standard output, to which whole texts are written.
final class DebugOutput: Sendable {
    private let file = Mutex<OutputFile?>(nil)
    private let open: @Sendable () throws(FileError) -> OutputFile

    /// Writes to what `open` gives; it is called with the first text.
    init(
        open: @escaping @Sendable () throws(FileError) -> OutputFile = { () throws(FileError) in
            try .standardOutput()
        }
    ) {
        self.open = open
    }

    /// Writes all of `text`; whoever else wants to write waits.
    func write(_ text: String) throws(Rejection) {
        do throws(FileError) {
            try file.withLock { (file) throws(FileError) in
                if file == nil { file = try open() }
                var rest = Bytes(utf8: text)
                while !rest.isEmpty {
                    let count = try file?.write(rest) ?? rest.count
                    rest = rest[count..<rest.count]
                }
            }
        } catch {
            throw .later(reason: "\(error)", after: .seconds(1))
        }
    }
}
