/// Why a statement could not be evaluated for one piece of telemetry.
public enum EvaluationError: Error, Sendable, Equatable {
    /// A value of another kind was needed.
    case wrongKind(expected: ValueKinds, got: ValueKinds)
    case message(String)
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongKind(let expected, let got): "expected \(expected) but got \(got)"
        case .message(let text): text
        }
    }
}
