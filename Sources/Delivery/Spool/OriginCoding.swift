internal import Telemetry
internal import Wire

/// How the sender of a batch is kept beside it.
enum OriginCoding {
    static func encode(_ origin: Origin) -> Bytes {
        var builder = BytesBuilder(capacity: 64)
        builder.append(counted: origin.peer)
        builder.append(littleEndian: UInt32(origin.metadata.count))
        for (name, values) in origin.metadata.sorted(by: { $0.key < $1.key }) {
            builder.append(counted: name)
            builder.append(littleEndian: UInt32(values.count))
            for value in values { builder.append(counted: value) }
        }
        // What knows no attributes ends here, and so do records of earlier versions.
        guard !origin.attributes.isEmpty else { return builder.finish() }
        builder.append(littleEndian: UInt32(origin.attributes.count))
        for (name, value) in origin.attributes.sorted(by: { $0.key < $1.key }) {
            builder.append(counted: name)
            builder.append(counted: value)
        }
        return builder.finish()
    }

    /// `nil` when there is none, or when it is not what `encode` writes.
    static func decode(_ bytes: Bytes) -> Origin? {
        var reader = TextReader(bytes)
        guard let peer = reader.text(), let names = reader.number() else { return nil }
        var metadata: [String: [String]] = [:]
        for _ in 0..<names {
            guard let name = reader.text(), let count = reader.number() else { return nil }
            var values: [String] = []
            for _ in 0..<count {
                guard let value = reader.text() else { return nil }
                values.append(value)
            }
            metadata[name] = values
        }
        var attributes: [String: String] = [:]
        for _ in 0..<(reader.number() ?? 0) {
            guard let name = reader.text(), let value = reader.text() else { return nil }
            attributes[name] = value
        }
        return Origin(peer: peer, metadata: metadata, attributes: attributes)
    }
}
