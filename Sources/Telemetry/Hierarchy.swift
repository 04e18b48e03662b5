/// How a signal's message is nested from the resources down to the items.
///
/// Level 0 are the resources, 1 the scopes, 2 the spans, log records or metrics, 3 the data of a metric
/// (gauge, sum …) and 4 its data points.
enum Hierarchy {
    case records, metrics

    /// `nil` for profiles, whose items refer to a dictionary and cannot be separated from it.
    init?(_ signal: Signal) {
        switch signal {
        case .traces, .logs: self = .records
        case .metrics: self = .metrics
        case .profiles: return nil
        }
    }

    /// The level of the items.
    var leaf: Int { self == .records ? 2 : 4 }

    /// Whether field `number` of a message one level up holds what is at `level`.
    @inline(__always)
    func holds(_ level: Int, _ number: Int) -> Bool {
        switch level {
        case 0, 4: number == 1
        case 1, 2: number == 2
        default: number == 5 || number == 7 || (9...11).contains(number)
        }
    }

    /// How many items the message between `start` and `end` holds, whose children are at `level`.
    func countItems(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int, children level: Int) -> Int {
        var fields = FieldWalker(base, start, end)
        var count = 0
        while fields.next() {
            guard fields.isLengthDelimited, holds(level, fields.number) else { continue }
            if level == leaf {
                count &+= 1
            } else {
                count &+= countItems(base, fields.valueStart, fields.position, children: level + 1)
            }
        }
        return count
    }
}
