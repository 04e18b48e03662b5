import Telemetry
import Wire

/// The first byte chooses the signal, the second what is done where; the rest is a message.
///
/// What the door lets in can be rewritten in any way, and the result is let in and holds what it says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let signals: [Signal] = [.traces, .metrics, .logs]
    let signal = signals[Int(start[0]) % signals.count]
    let input = Bytes(copying: UnsafeRawBufferPointer(start: start + 2, count: count - 2))
    guard var batch = try? Batch(validating: input, as: signal) else { return 0 }
    var choice = UInt32(start[1]) &* 2_654_435_761
    batch.rewrite(Places(rawValue: start[1] | 8), changesParents: start[1] & 64 != 0) { draft in
        choice = choice &* 1_664_525 &+ 1_013_904_223
        edit(draft, choice >> 24)
    }
    guard let again = try? Batch(validating: batch.contiguous(), as: signal) else {
        preconditionFailure("a rewritten message is not valid")
    }
    precondition(again.itemCount == batch.itemCount, "a rewritten message does not hold what it says")
    return 0
}

private func edit(_ draft: Draft, _ choice: UInt32) {
    if choice & 1 != 0 { draft.set("key", [1, "two"]) }
    if choice & 2 != 0 { draft.removeAttributes { key, _ in key.utf8.count.isMultiple(of: 2) } }
    if choice & 4 != 0 { draft.insert("other", "value") }
    if choice & 8 != 0 { draft.removeField(Int(choice >> 4)) }
    if choice & 16 != 0 { draft.setField(5, .text("text")) }
    if choice & 32 != 0 { draft.setField(7, .data(.empty)) }
    if choice & 64 != 0, let key = draft.attributes.first?.key {
        draft.rename(AttributeKey(key), to: "renamed")
    }
    if choice & 128 != 0 {
        draft.parent?.set("child", .int(Int64(choice)))
        draft.parent?.setField(1, .text("parent"))
        draft.setField(2, of: 7, .unsigned(1))
        draft.parent?.setField(3, of: 15, .unsigned(2))
    }
    if choice & 129 == 129 { draft.addToScope(draft.current) }
    if choice & 132 == 132 { draft.setMessages(11, []) }
    if choice > 230 { draft.drop() }
}
