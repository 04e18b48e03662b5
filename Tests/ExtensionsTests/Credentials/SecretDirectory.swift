import Delivery
import Glibc
import Wire

/// A directory with files of secrets that goes away when the test is over.
final class SecretDirectory: Sendable {
    private let path = "/tmp/apus-secrets-\(UInt64.random(in: 0...UInt64.max))"

    init() { mkdir(path, 0o700) }

    deinit {
        for name in (try? Directory.names(in: path)) ?? [] { try? Directory.remove(path + "/" + name) }
        rmdir(path)
    }

    /// Replaces a file in one step and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        var file = try OutputFile(path + "/new", .truncate)
        var left = Bytes(utf8: text)
        while !left.isEmpty {
            let count = try file.write(left)
            left = left[count..<left.count]
        }
        try Directory.rename(path + "/new", to: path + "/" + name)
        return path + "/" + name
    }

    func remove(_ name: String) throws { try Directory.remove(path + "/" + name) }
}
