internal import Telemetry
internal import Wire

/// How the sender of a batch is kept beside it: texts with their lengths in front.
enum OriginCoding {
    static func encode(_ origin: Origin) -> Bytes {
        var builder = BytesBuilder(capacity: 64)
        append(origin.peer, to: &builder)
        builder.append(littleEndian: UInt32(origin.metadata.count))
        for (name, values) in origin.metadata.sorted(by: { $0.key < $1.key }) {
            append(name, to: &builder)
            builder.append(littleEndian: UInt32(values.count))
            for value in values { append(value, to: &builder) }
        }
        return builder.finish()
    }

    /// `nil` when there is none, or when it is not what `encode` writes.
    static func decode(_ bytes: Bytes) -> Origin? {
        var position = 0
        guard let peer = text(bytes, &position), let names = number(bytes, &position) else { return nil }
        var metadata: [String: [String]] = [:]
        for _ in 0..<names {
            guard let name = text(bytes, &position), let count = number(bytes, &position) else { return nil }
            var values: [String] = []
            for _ in 0..<count {
                guard let value = text(bytes, &position) else { return nil }
                values.append(value)
            }
            metadata[name] = values
        }
        return Origin(peer: peer, metadata: metadata)
    }

    private static func append(_ text: String, to builder: inout BytesBuilder) {
        builder.append(littleEndian: UInt32(text.utf8.count))
        builder.append(utf8: text)
    }

    private static func number(_ bytes: Bytes, _ position: inout Int) -> Int? {
        guard bytes.count - position >= 4 else { return nil }
        defer { position += 4 }
        return bytes.withUnsafeBytes { Int($0.littleEndian(at: position, as: UInt32.self)) }
    }

    private static func text(_ bytes: Bytes, _ position: inout Int) -> String? {
        guard let length = number(bytes, &position), bytes.count - position >= length else { return nil }
        defer { position += length }
        return bytes[position..<position + length].string
    }
}
