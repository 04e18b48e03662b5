/// A version of the remote write protocol; the raw value is how `content-type` names its message.
///
/// https://prometheus.io/docs/specs/prw/remote_write_spec/ and …/remote_write_spec_2_0/
public enum RemoteWriteVersion: String, CaseIterable, Sendable {
    case v1 = "prometheus.WriteRequest"
    case v2 = "io.prometheus.write.v2.Request"

    /// The media type of both.
    private static let mediaType = "application/x-protobuf"

    /// The version that the `content-type` of a request stands for: without `proto=` it is the first.
    ///
    /// - Throws: what is wrong with it, for the client.
    public init(contentType: String?) throws(RemoteWriteError) {
        guard let contentType, !contentType.isEmpty else {
            throw RemoteWriteError("content-type is missing; it must be \(Self.mediaType)")
        }
        // What nearly every client of the first version sends, without parsing.
        guard contentType != Self.mediaType else {
            self = .v1
            return
        }
        let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
            .map { String($0).trimming(" ") }
        guard parts[0].lowercased() == Self.mediaType else {
            throw RemoteWriteError("content-type must be \(Self.mediaType), not \(contentType.prefix(100))")
        }
        for part in parts.dropFirst() where part.lowercased().hasPrefix("proto=") {
            guard let version = Self(rawValue: String(part.dropFirst(6))) else {
                throw RemoteWriteError(
                    "there is no message \(part.dropFirst(6).prefix(100)); proto must be "
                        + Self.allCases.map { $0.rawValue }.joined(separator: " or "))
            }
            self = version
            return
        }
        self = .v1
    }

    /// The `content-type` of requests.
    public var contentType: String {
        switch self {
        case .v1: Self.mediaType
        case .v2: "\(Self.mediaType);proto=\(rawValue)"
        }
    }

    /// The value of `x-prometheus-remote-write-version`.
    public var number: String {
        switch self {
        case .v1: "0.1.0"
        case .v2: "2.0.0"
        }
    }
}

/// Names of header fields of remote write.
public enum RemoteWriteFields {
    public static let version = "x-prometheus-remote-write-version"
    /// How many samples of a request were taken.
    public static let samples = "x-prometheus-remote-write-samples-written"
    /// How many native histograms of a request were taken.
    public static let histograms = "x-prometheus-remote-write-histograms-written"
    /// How many exemplars of a request were taken.
    public static let exemplars = "x-prometheus-remote-write-exemplars-written"
}

/// Why a request is not taken at all.
public struct RemoteWriteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of refusal it is.
    public enum Kind: Sendable, Hashable {
        /// It cannot be read.
        case malformed
        /// It is larger than what is taken.
        case limit
        /// There is no memory for it now.
        case noRoom
    }

    public let kind: Kind
    public let description: String

    init(_ description: String, _ kind: Kind = .malformed) {
        self.description = description
        self.kind = kind
    }

    init(_ error: ExpositionError) { self.init("the request cannot be read: \(error)") }
}
