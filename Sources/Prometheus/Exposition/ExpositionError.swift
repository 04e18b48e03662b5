/// Why a page cannot be read, and where.
public struct ExpositionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the fault is.
    public enum Place: Sendable, Hashable {
        /// A line of a text, from 1.
        case line(Int)
        /// A byte of a page in protobuf, from 0.
        case byte(Int)
    }

    public let place: Place
    /// What is wrong.
    public let reason: String

    init(_ reason: String, at place: Place) {
        self.reason = reason
        self.place = place
    }

    public var description: String {
        switch place {
        case .line(let line): "line \(line): \(reason)"
        case .byte(let byte): "byte \(byte): \(reason)"
        }
    }
}
