/// One connection; only those that are in the middle of something hold a buffer.
struct Connection {
    enum State: UInt8 {
        /// Nothing is there; a timer or the queue brings it back.
        case closed
        /// TCP is being opened.
        case connecting
        /// The request to change to WebSocket is out.
        case upgrading
        case open
    }

    var file: Int32 = -1
    var state = State.closed
    /// Counts attempts to connect.
    var attempt: UInt8 = 0
    /// Attempts in a row that failed.
    var failures: UInt8 = 0
    var isWaitingToWrite = false
    /// The beginning of a frame whose rest has not come.
    var received: [UInt8] = []
    /// The parts of a message so far, when it comes in several frames.
    var fragments: [UInt8] = []
    /// What the socket did not take yet.
    var unsent: [UInt8] = []
    var unsentStart = 0
}

/// What an agent remembers.
struct Agent {
    var sequence: UInt32 = 0
    /// What it runs: a number in the simulator's list of configurations.
    var effective: UInt16 = 0
    /// The remote configuration that was offered last, in the list of offers; 0 for none.
    var offered: UInt16 = 0
    /// The remote configuration that it has reported on last.
    var reported: UInt16 = 0
    var isApplied = false
    /// Whether it has said everything about itself once.
    var isIntroduced = false
    /// Whether it reports its rates until `watchedUntil`.
    var watchedSteps: UInt16 = 0
}
