/// Where a record is on the disk.
struct SpoolLocation: Sendable, Hashable {
    /// The number of its segment.
    let segment: UInt64
    /// Its place among the records of the segment, from 0.
    let index: UInt32
    /// Index of its first byte in the segment.
    let offset: Int
    /// Bytes it takes there.
    let length: Int
}
