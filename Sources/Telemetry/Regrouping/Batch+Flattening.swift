internal import Wire

extension Batch {
    /// Bytes that copies of resources and scopes may take in any batch, however small: 16 MiB.
    public static let flatteningRoom = 16 << 20

    /// Bytes that copies of resources and scopes may take when this batch is flattened: four times its own
    /// and `flatteningRoom`.
    public var flatteningLimit: Int { 4 * byteCount + Self.flatteningRoom }

    /// Gives each record a resource and a scope of its own, which can then be changed for it alone; `regroup`
    /// puts together again what is still alike.
    ///
    /// Returns `false`, and leaves the batch as it is, where the copies would take more than
    /// `flatteningLimit`: a few records that kept sharing a resource would get what is meant for others.
    /// Metrics and profiles are left alone.
    public mutating func flatten() -> Bool {
        guard signal == .traces || signal == .logs else { return true }
        var room = flatteningLimit
        var flat: [Chunk] = []
        for chunk in chunks {
            var flattener = Flattener(room: room)
            guard let bytes = flattener.flatten(chunk.bytes) else { return false }
            room = flattener.room
            flat.append(Chunk(bytes: bytes, itemCount: chunk.itemCount))
        }
        self = Batch(signal: signal, trusted: flat, origin: origin, claims: claims)
        return true
    }
}

/// Writes a request with a group of its own for each record.
private struct Flattener: ~Copyable {
    /// The most that the tags and lengths of a group take.
    private static let frame = 24

    /// Bytes that copies of resources and scopes may still take.
    private(set) var room: Int
    private var writer = Writer(capacity: 4096)

    init(room: Int) { self.room = room }

    /// The flat request; `nil` where it takes more than there is room for.
    mutating func flatten(_ request: Bytes) -> Bytes? {
        let message = WireMessage(request)
        for field in message.fields {
            if field.number == 1 {
                guard addResource(WireMessage(request[field.value])) else { return nil }
            } else {
                writer.write(raw: request[field.start..<field.value.upperBound])
            }
        }
        return writer.takeBytes()
    }

    /// Writes the groups of a resource; returns whether there was room for them.
    private mutating func addResource(_ group: WireMessage) -> Bool {
        let resource = group.fields(where: { $0 != 2 })
        var groups = 0
        for field in group.fields where field.number == 2 {
            let scope = WireMessage(group.bytes[field.value])
            let header = scope.fields(where: { $0 != 2 })
            var records = 0
            for field in scope.fields where field.number == 2 {
                if groups > 0 { room -= resource.count + Self.frame }
                if records > 0 { room -= header.count }
                guard room >= 0 else { return false }
                write(scope.bytes[field.start..<field.value.upperBound], header, resource)
                (groups, records) = (groups + 1, records + 1)
            }
            guard records == 0 else { continue }
            if groups > 0 { room -= resource.count + Self.frame }
            guard room >= 0 else { return false }
            write(.empty, header, resource)
            groups += 1
        }
        if groups == 0 { writer.write(bytes: group.bytes, 1) }
        return true
    }

    private mutating func write(_ record: Bytes, _ scope: Bytes, _ resource: Bytes) {
        let outer = writer.begin(1, expecting: resource.count + scope.count + record.count + 8)
        writer.write(raw: resource)
        let inner = writer.begin(2, expecting: scope.count + record.count)
        writer.write(raw: scope)
        writer.write(raw: record)
        writer.end(inner)
        writer.end(outer)
    }
}

extension WireMessage {
    /// Those fields, whole, whose numbers `isWanted` says.
    fileprivate func fields(where isWanted: (Int) -> Bool) -> Bytes {
        var writer = Writer(capacity: 64)
        writer.write(fieldsOf: bytes, where: isWanted)
        return writer.finish()
    }
}
