internal import Wire

extension AgentConfigMap {
    /// What a hash of the configuration is taken over: equal for equal parts, and for nothing else.
    ///
    /// The parts come in the order of the UTF-8 of their names. Each is its name, its content type and its
    /// body, with the length before each of them as 8 bytes, the highest first. A role that is not empty
    /// follows, after 8 bytes of ones, which no length can be.
    public var canonicalBytes: [UInt8] {
        let sorted = objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sorted.reduce(0) { $0 + $1.key.utf8.count + $1.value.body.count + 128 })
        for (name, object) in sorted {
            Self.append(name.utf8, to: &bytes)
            Self.append(object.contentType.utf8, to: &bytes)
            Self.append(object.body, to: &bytes)
            guard !object.role.isEmpty else { continue }
            bytes.append(contentsOf: [UInt8](repeating: 0xFF, count: 8))
            Self.append(object.role.utf8, to: &bytes)
        }
        return bytes
    }

    private static func append(_ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let length = UInt64(content.count)
        bytes.append(
            contentsOf: stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> $0) })
        bytes.append(contentsOf: content)
    }
}
