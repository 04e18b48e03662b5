internal import Delivery
internal import Glibc
internal import Wire

/// What can be said about the machine.
enum HostFacts {
    /// The name of the host; empty when it has none.
    static var name: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The operating system as it calls itself, such as `Debian GNU/Linux 13 (trixie)`; else `Linux`.
    static var system: String {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            guard let text = try? SmallFile.read(path, limit: 64 << 10).string else { continue }
            for line in text.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
                let value = line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" && $0 != "'" }
                if !value.isEmpty { return String(value.prefix(256)) }
            }
        }
        return "Linux"
    }
}
