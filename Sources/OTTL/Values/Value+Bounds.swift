internal import Telemetry
internal import Wire

/// How large a list or map may be that is kept: in telemetry, in `cache`, or from one step of a function to
/// the next.
///
/// A value may be in another one many times over, so that what is small in memory can be without an end
/// where it is written.
struct ValueBounds {
    /// How many values were looked at: lists, maps and what is in them.
    private(set) var spent = 0
    /// Bytes of text in them.
    private(set) var size = 0
    private let levels: Int

    /// Bounds of a value around which `outer` lists and maps are.
    init(inside outer: Int = 0) { levels = Value.nestingLimit - outer }

    /// Throws where a list or map is too large; other values are as large as where they come from.
    mutating func check(_ value: Value) throws(EvaluationError) {
        switch value {
        case .list, .map: try add(value, level: 1)
        case .string(let text), .bytes(let text): size += text.count
        default: break
        }
    }

    private mutating func add(_ value: Value, level: Int) throws(EvaluationError) {
        spent += 1
        switch value {
        case .string(let text), .bytes(let text): size += text.count
        case .wire(let view): size += view.message.bytes.count
        case .list(let elements):
            try enter(level)
            for element in elements { try add(element, level: level + 1) }
        case .map(let map):
            try enter(level)
            for entry in map.entries {
                size += entry.key.count
                try add(entry.value, level: level + 1)
            }
        default: break
        }
        guard spent <= FunctionLimits.values, size <= FunctionLimits.keptSize else {
            throw .message(
                "the value has more than \(FunctionLimits.values) values or \(FunctionLimits.keptSize) bytes")
        }
    }

    private func enter(_ level: Int) throws(EvaluationError) {
        guard level > levels else { return }
        throw .message("the value nests more than \(levels) lists and maps")
    }
}
