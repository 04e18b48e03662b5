import Telemetry
import Wire

/// The first byte chooses the signal; the rest is JSON.
///
/// What can be read is valid, and holds as much after being written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let signals = Signal.allCases
    let signal = signals[Int(start[0]) % signals.count]
    let input = Bytes(copying: UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    guard let first = try? OTLPJSON.read(input, as: signal) else { return 0 }
    guard let checked = try? Batch(validating: first.contiguous(), as: signal) else {
        preconditionFailure("what was read from JSON is not valid")
    }
    precondition(checked.itemCount == first.itemCount, "the count of what was read is wrong")
    guard let second = try? OTLPJSON.read(OTLPJSON.write(first), as: signal) else {
        preconditionFailure("what was written as JSON cannot be read")
    }
    precondition(second.itemCount == first.itemCount, "items are lost on the way through JSON")
    return 0
}
