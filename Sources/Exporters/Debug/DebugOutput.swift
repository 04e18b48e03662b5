internal import Delivery
internal import Pipeline
internal import Synchronization
internal import Wire

/// Standard output, whole texts at a time.
final class DebugOutput: Sendable {
    private let file = Mutex<OutputFile?>(nil)

    /// Writes all of `text`; whoever else wants to write waits.
    func write(_ text: String) throws(Rejection) {
        do throws(FileError) {
            try file.withLock { (file) throws(FileError) in
                if file == nil { file = try .standardOutput() }
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
