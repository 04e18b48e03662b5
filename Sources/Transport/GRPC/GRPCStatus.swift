public import Wire

/// The outcome of a gRPC call (https://grpc.io/docs/guides/status-codes).
public struct GRPCStatus: Error, Sendable, Hashable, CustomStringConvertible {
    /// The codes of gRPC.
    public enum Code: Int, Sendable, CaseIterable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16

        /// The code as gRPC's documents write it, such as `RESOURCE_EXHAUSTED`.
        public var name: String {
            switch self {
            case .ok: "OK"
            case .cancelled: "CANCELLED"
            case .unknown: "UNKNOWN"
            case .invalidArgument: "INVALID_ARGUMENT"
            case .deadlineExceeded: "DEADLINE_EXCEEDED"
            case .notFound: "NOT_FOUND"
            case .alreadyExists: "ALREADY_EXISTS"
            case .permissionDenied: "PERMISSION_DENIED"
            case .resourceExhausted: "RESOURCE_EXHAUSTED"
            case .failedPrecondition: "FAILED_PRECONDITION"
            case .aborted: "ABORTED"
            case .outOfRange: "OUT_OF_RANGE"
            case .unimplemented: "UNIMPLEMENTED"
            case .internal: "INTERNAL"
            case .unavailable: "UNAVAILABLE"
            case .dataLoss: "DATA_LOSS"
            case .unauthenticated: "UNAUTHENTICATED"
            }
        }
    }

    /// The class of the outcome.
    public var code: Code
    /// What went wrong, for people.
    public var message: String
    /// A `google.rpc.Status` message (`RPCStatus`) with details, for `grpc-status-details-bin`.
    public var details: Bytes?

    /// Makes a status from its parts.
    public init(_ code: Code, _ message: String = "", details: Bytes? = nil) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// Makes a status whose details are encoded from the parts of a `google.rpc.Status`.
    public init(_ code: Code, _ message: String, details: [RPCStatus.Detail]) {
        let status = RPCStatus(code: code.rawValue, message: message, details: details)
        self.init(code, message, details: status.encoded())
    }

    public var description: String { message.isEmpty ? code.name : "\(code.name): \(message)" }

    public static func == (left: GRPCStatus, right: GRPCStatus) -> Bool {
        left.code == right.code && left.message == right.message
            && left.details?.array == right.details?.array
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
    }
}
