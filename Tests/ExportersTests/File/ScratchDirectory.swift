import Delivery
import Glibc

/// A directory that goes away with its content when the test is over.
final class ScratchDirectory: Sendable {
    let path = "/tmp/apus-scratch-\(UInt64.random(in: 0...UInt64.max))"

    init() { mkdir(path, 0o700) }

    deinit {
        for name in (try? Directory.names(in: path)) ?? [] { try? Directory.remove(path + "/" + name) }
        rmdir(path)
    }
}
