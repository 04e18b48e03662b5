/// What could not be taken over when a spool was opened.
public struct SpoolDamage: Sendable, Equatable {
    /// The end of a segment that was cut off, from the first byte that makes no sense.
    public struct Cut: Sendable, Equatable {
        /// Path of the segment.
        public let file: String
        /// Where the first unusable record began.
        public let offset: Int
        /// Bytes from there to the end of the file.
        public let bytes: Int
        /// Whether it is the end of the newest segment, where a process that is killed leaves half a record
        /// that it had not promised to keep.
        public let isTornTail: Bool
    }

    /// What was cut off; how many records that were cannot be known.
    public internal(set) var cuts: [Cut] = []
    /// Paths of files that were set aside because they are no readable segments.
    public internal(set) var setAside: [String] = []

    /// Bytes that were cut off altogether.
    public var bytesCut: Int { cuts.reduce(0) { $0 + $1.bytes } }

    /// Whether everything is there, but for half a record that nobody was promised.
    public var isHarmless: Bool { setAside.isEmpty && cuts.allSatisfy { $0.isTornTail } }
}
