/// Masks and unmasks payloads, which is the same (RFC 6455 section 5.3).
enum WebSocketMask {
    /// Copies `source` to `target` through the mask.
    ///
    /// - Parameters:
    ///   - source: a piece of a payload.
    ///   - target: at least as long as `source`; may be the same memory.
    ///   - key: the four bytes in the order of memory.
    ///   - offset: how many bytes of the payload came before.
    static func copy(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, key: UInt32, offset: Int
    ) {
        guard let start = source.baseAddress else { return }
        let shift = UInt32(offset & 3) * 8
        let bytes = UInt32(littleEndian: key)
        let turned = shift == 0 ? bytes : bytes >> shift | bytes << (32 - shift)
        let wide = UInt64(turned) << 32 | UInt64(turned)
        var index = 0
        while index + 8 <= source.count {
            let word = start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: word ^ wide.littleEndian, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < source.count {
            let byte = start.load(fromByteOffset: index, as: UInt8.self)
            let mask = UInt8(truncatingIfNeeded: turned >> (UInt32(index & 3) * 8))
            target.storeBytes(of: byte ^ mask, toByteOffset: index, as: UInt8.self)
            index += 1
        }
    }
}
