import Telemetry
import Wire

/// The first byte chooses the signal, the second the size of parts, the rest is a message.
///
/// What the door lets in can be split anywhere, and the parts are let in too and hold as much as the whole.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let signals = Signal.allCases
    let signal = signals[Int(start[0]) % signals.count]
    let portion = Int(start[1]) + 1
    let input = Bytes(copying: UnsafeRawBufferPointer(start: start + 2, count: count - 2))
    guard let whole = try? Batch(validating: input, as: signal) else { return 0 }
    check(whole) { $0.removeFirst(items: portion) }
    check(whole) { $0.removeFirst(bytes: portion) }
    return 0
}

private func check(_ whole: Batch, split: (inout Batch) -> Batch) {
    var rest = whole
    var items = 0
    while rest.itemCount > 0 {
        let part = split(&rest)
        precondition(part.itemCount > 0, "a split makes no progress")
        guard let again = try? Batch(validating: part.contiguous(), as: part.signal) else {
            preconditionFailure("a part of a valid message is not valid")
        }
        precondition(again.itemCount == part.itemCount, "a part does not hold what it says")
        items += part.itemCount
    }
    precondition(items == whole.itemCount, "the parts hold \(items) items, the whole \(whole.itemCount)")
}
