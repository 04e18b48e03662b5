import Formats
import Telemetry
import Wire

private let limit = 1 << 24

/// Spans of Zipkin in all forms: no input crashes a reader, what is read is OTLP, and it can be sent in both
/// forms and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let body = Bytes(copying: UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    let forms = ZipkinForm.allCases
    let decoder = ZipkinDecoder(parsesStringTags: start[0] & 0x80 != 0)
    let form = forms[Int(start[0] & 0x7F) % forms.count]
    guard let batch = try? decoder.decode(body, as: form, limit: limit, now: 1) else { return 0 }
    for chunk in batch.chunks {
        let again = try? Batch(validating: chunk.bytes, as: .traces)
        precondition(again?.itemCount == chunk.itemCount, "what was read is not OTLP")
    }
    let written: [(ZipkinEncoder.Form, ZipkinForm)] = [(.json, .json), (.protobuf, .protobuf)]
    for (form, received) in written {
        var lists = ZipkinEncoder(as: form, defaultServiceName: "x").lists(of: batch, limit: 4096)
        var spans = 0
        while let list = lists.next() {
            precondition(list.body.count <= 4096, "a list is larger than it may be")
            let again = try? decoder.decode(list.body, as: received, limit: limit, now: 1)
            precondition(again?.itemCount == list.spanCount, "a span that was written cannot be read")
            spans += list.spanCount
        }
        precondition(spans + lists.tooLarge == batch.itemCount, "a span that was read cannot be written")
    }
    return 0
}
