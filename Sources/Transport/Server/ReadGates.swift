internal import NIOCore

/// The connections of one lane that must not read at the moment.
///
/// Pure: the time comes in with every event.
struct ReadGates {
    /// What to do after a look at the memory.
    enum Step: Equatable {
        /// Nothing is held.
        case done
        /// Look again in a moment.
        case wait
        /// As `wait`; and the bodies that are arriving have kept their memory for too long.
        case refuseArriving
        /// Let everybody read.
        case open
    }

    private(set) var held: [ReadGate] = []
    private var heldSince = NIODeadline.distantPast
    private var openedAt = NIODeadline.distantPast

    /// How often the memory is looked at while something is held.
    static let interval = TimeAmount.milliseconds(20)
    /// After this time incomplete bodies are given up: they may be what the memory is full of, and they
    /// cannot become complete.
    static let patience = TimeAmount.seconds(5)
    /// Time for what has been waiting in sockets to come in.
    private static let recovery = TimeAmount.seconds(1)

    /// Takes a connection that wanted to read; true if it is the first.
    mutating func hold(_ gate: ReadGate, at now: NIODeadline) -> Bool {
        held.append(gate)
        guard held.count == 1 else { return false }
        heldSince = now
        return true
    }

    /// Decides what follows from the memory there is.
    mutating func check(allowsReading: Bool, at now: NIODeadline) -> Step {
        guard !held.isEmpty else { return .done }
        guard !allowsReading else {
            openedAt = now
            return .open
        }
        guard now >= heldSince + Self.patience else { return .wait }
        heldSince = now
        return .refuseArriving
    }

    /// Takes out everybody who waits.
    mutating func takeAll() -> [ReadGate] {
        defer { held = [] }
        return held
    }

    /// Whether silence on a connection is no fault of its client: it is not heard, or was not until just now.
    func excusesSilence(at now: NIODeadline) -> Bool {
        !held.isEmpty || now < openedAt + Self.recovery
    }
}
