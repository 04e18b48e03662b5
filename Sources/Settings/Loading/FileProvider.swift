import FoundationEssentials
import Glibc

/// `file:path`: files, up to `Tree.maximumTextSize`.
public struct FileProvider: Provider {
    public let scheme = "file"

    public init() {}

    public func fetch(_ opaque: String) async throws(ProviderError) -> Fetched {
        Fetched(try Self.read(opaque), from: ConfigurationSource(.file, opaque), nature: .configuration)
    }

    /// Reads a file, pipe or device to its end.
    static func read(_ path: String) throws(ProviderError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            if count == 0 { break }
            content += buffer[..<count]
            guard content.count <= Tree.maximumTextSize else {
                throw ProviderError("cannot read '\(path)': larger than \(Tree.maximumTextSize >> 20) MiB")
            }
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw ProviderError("cannot read '\(path)': not UTF-8")
        }
        return text
    }

    /// The `*.yaml` and `*.yml` files of a directory in the order of their names; `nil` when it is no
    /// directory.
    static func configurations(
        in path: String, suffixes: [String] = [".yaml", ".yml"]
    ) throws(ProviderError) -> [String]? {
        let manager = FileManager.default
        var isDirectory = false
        guard manager.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory else { return nil }
        guard let names = try? manager.contentsOfDirectory(atPath: path) else { throw failure("list", path) }
        return names.sorted().filter { name in
            !name.hasPrefix(".") && suffixes.contains { name.hasSuffix($0) }
        }.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    private static func failure(_ action: String, _ path: String) -> ProviderError {
        ProviderError("cannot \(action) '\(path)': \(String(cString: strerror(errno)))")
    }
}
