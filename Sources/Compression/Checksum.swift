internal import CDeflate
public import Wire

/// A CRC-32 (ISO 3309, the one of gzip) that is computed piece by piece.
///
/// It finds damage by accident, such as torn writes and flipped bits; it is no protection against somebody
/// who changes bytes on purpose.
public struct Checksum: Sendable, Equatable {
    /// The checksum of everything so far; 0 for nothing.
    public private(set) var value: UInt32 = 0

    /// Makes the checksum of no bytes.
    public init() {}

    /// The checksum of `bytes` alone.
    public init(of bytes: Bytes) { update(bytes) }

    /// The checksum of `memory` alone.
    public init(of memory: UnsafeRawBufferPointer) { update(memory) }

    /// Goes on with `memory`.
    public mutating func update(_ memory: UnsafeRawBufferPointer) {
        // Without this an empty buffer, which may have no address, would start the checksum anew.
        guard let address = memory.baseAddress else { return }
        value = libdeflate_crc32(value, address, memory.count)
    }

    /// Goes on with `bytes`.
    public mutating func update(_ bytes: Bytes) { bytes.withUnsafeBytes { update($0) } }
}
