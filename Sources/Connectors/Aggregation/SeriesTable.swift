internal import Glibc
internal import Telemetry

/// What is known of each series of a metric, found by the attributes that it has on the wire.
///
/// Looking up allocates nothing: the key of a span is compared where it was written.
struct SeriesTable<Value> {
    /// A series.
    struct Entry {
        let hash: UInt64
        let attributes: EncodedAttributes
        var value: Value
    }

    private(set) var entries: [Entry] = []
    /// For each place of the hash table the index of its entry, or -1; a power of two, or none at all.
    private var places: [Int32] = []
    /// The series that stands for all others, once there are too many.
    private(set) var overflow: Int?

    /// Series that have attributes of their own.
    var ownCount: Int { entries.count - (overflow == nil ? 0 : 1) }

    /// Bytes of the attributes of the series that have some of their own.
    var keyBytes: Int {
        entries.reduce(overflow.map { -entries[$0].attributes.byteCount } ?? 0) {
            $0 + $1.attributes.byteCount
        }
    }

    /// Bytes that an entry takes at most, beside what its value refers to.
    ///
    /// An array that has just grown has room for twice as many entries, and a table that was just built up to
    /// eight places of four bytes for each; a key is an array of its own, rounded up by the allocator.
    static func byteCount(keyOf size: Int) -> Int { 2 * MemoryLayout<Entry>.stride + 8 * 4 + 32 + size + 16 }

    subscript(index: Int) -> Value {
        _read { yield entries[index].value }
        _modify { yield &entries[index].value }
    }

    /// The index of the series with these attributes.
    func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
        guard !places.isEmpty else { return nil }
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let index = Int(places[place])
            guard index >= 0 else { return nil }
            if entries[index].hash == hash, Self.isEqual(entries[index].attributes.bytes, key) {
                return index
            }
            place = (place + 1) & mask
        }
    }

    /// Adds a series that is not there; returns its index.
    mutating func insert(_ key: UnsafeRawBufferPointer, _ hash: UInt64, _ value: Value) -> Int {
        insert(Entry(hash: hash, attributes: EncodedAttributes(key), value: value))
    }

    /// The series that stands for all others, made when it is not there.
    mutating func overflowing(_ make: @autoclosure () -> Value) -> Int {
        if let overflow { return overflow }
        var attributes = EncodedAttributes()
        attributes.append("otel.metric.overflow", true)
        let hash = attributes.bytes.withUnsafeBytes { SeriesHash.of($0) }
        let index = insert(Entry(hash: hash, attributes: attributes, value: make()))
        overflow = index
        return index
    }

    private mutating func insert(_ entry: Entry) -> Int {
        entries.append(entry)
        if entries.count * 2 > places.count {
            rebuild()
        } else {
            place(entries.count - 1)
        }
        return entries.count - 1
    }

    /// Takes out the series that are not wanted.
    mutating func removeAll(where isUnwanted: (Entry) -> Bool) {
        guard entries.contains(where: isUnwanted) else { return }
        let special = overflow.map { entries[$0].hash }
        // Another array, since this one would keep the memory of those that are gone.
        entries = entries.filter { !isUnwanted($0) }
        overflow = special.flatMap { hash in entries.firstIndex { $0.hash == hash } }
        rebuild()
    }

    /// Changes the value of every series.
    mutating func forEach(_ body: (inout Value) -> Void) {
        for index in entries.indices { body(&entries[index].value) }
    }

    /// A part of the entries that can be written at once: about a quarter of a mebibyte or a thousand points,
    /// one entry at least.
    ///
    /// `size` says how many bytes an entry becomes.
    func part(from start: Int, _ size: (Entry) -> Int) -> Range<Int> {
        var (end, bytes) = (start, 0)
        while end < entries.count, end - start < 1000, bytes < 256 << 10 {
            bytes += size(entries[end])
            end += 1
        }
        return start..<end
    }

    private mutating func rebuild() {
        var size = 8
        while size < entries.count * 4 { size *= 2 }
        places = Array(repeating: -1, count: size)
        for index in entries.indices { place(index) }
    }

    private mutating func place(_ index: Int) {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: entries[index].hash) & mask
        while places[place] >= 0 { place = (place + 1) & mask }
        places[place] = Int32(truncatingIfNeeded: index)
    }

    private static func isEqual(_ own: [UInt8], _ key: UnsafeRawBufferPointer) -> Bool {
        guard own.count == key.count else { return false }
        return own.withUnsafeBytes { own in
            guard let left = own.baseAddress, let right = key.baseAddress else { return true }
            return memcmp(left, right, own.count) == 0
        }
    }
}

/// A hash of bytes that nobody outside of the process can foresee, so that attributes cannot be made to
/// collide.
enum SeriesHash {
    private static let seed = UInt64.random(in: .min ... .max)

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var position = 0
        while position + 8 <= bytes.count {
            state = mix(
                state ^ bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self),
                0x9E37_79B9_7F4A_7C15 ^ seed)
            position += 8
        }
        var rest: UInt64 = 0
        for index in position..<bytes.count { rest |= UInt64(bytes[index]) << UInt64(8 * (index - position)) }
        return mix(mix(state ^ rest, 0xC2B2_AE3D_27D4_EB4F), 0xD6E8_FEB8_6659_FD93)
    }

    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
