public import Pipeline
public import Telemetry
internal import Wire

/// Where things are below the directory of a storage.
public struct StorageLayout: Sendable, Equatable {
    /// The directory of the storage.
    public let root: String

    private static let queue = "queue"
    private static let deadLetters = "dead-letters"

    /// Makes the layout of the storage in the directory `root`.
    public init(root: String) { self.root = root }

    /// The directory of the queue for `signal` in front of `exporter`.
    public func queue(of exporter: ComponentID, _ signal: Signal) -> String {
        "\(directory(of: exporter, signal))/\(Self.queue)"
    }

    /// The directory of what the other side of `exporter` refused for good.
    public func deadLetters(of exporter: ComponentID, _ signal: Signal) -> String {
        "\(directory(of: exporter, signal))/\(Self.deadLetters)"
    }

    /// The directory of one exporter and signal.
    public struct Place: Sendable, Equatable {
        /// The exporter, such as `otlp/2`.
        public let exporter: String
        public let signal: Signal
        public let path: String
    }

    /// The directories of dead letters that exist, by exporter and signal.
    public func deadLetterPlaces() throws(FileError) -> [Place] { try places(Self.deadLetters) }

    /// The directories of queues that exist, by exporter and signal.
    public func queuePlaces() throws(FileError) -> [Place] { try places(Self.queue) }

    private func places(_ kind: String) throws(FileError) -> [Place] {
        var places: [Place] = []
        for name in try Directory.names(in: root).sorted() {
            guard let exporter = Self.decoded(name) else { continue }
            for signal in Signal.allCases {
                let path = "\(root)/\(name)/\(signal.rawValue)/\(kind)"
                guard Directory.exists(path) else { continue }
                places.append(Place(exporter: exporter, signal: signal, path: path))
            }
        }
        return places
    }

    private func directory(of exporter: ComponentID, _ signal: Signal) -> String {
        "\(root)/\(Self.encoded(exporter.description))/\(signal.rawValue)"
    }

    /// A name as one part of a path: everything but letters, digits, `-` and `_` is
    /// percent-encoded.
    static func encoded(_ name: String) -> String {
        var result = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    /// What `encoded` made of a name; `nil` when it cannot have made this.
    static func decoded(_ text: String) -> String? {
        guard let bytes = PercentDecoding.strict(text),
            let name = String(validating: bytes, as: UTF8.self), encoded(name) == text
        else { return nil }
        return name
    }
}
