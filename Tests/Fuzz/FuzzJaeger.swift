import Formats
import Telemetry
import Wire

/// Jaeger's messages: no input crashes a decoder, and what becomes of one is valid OTLP within its bound.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = Bytes(copying: UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    let limit = 64 << 10
    let batch: Batch?
    switch start[0] % 5 {
    case 0: batch = try? JaegerThrift.batch(bytes, .binary, limit: limit)
    case 1: batch = try? JaegerThrift.batch(bytes, .compact, limit: limit)
    case 2: batch = try? JaegerThrift.datagram(bytes, .binary, limit: limit)
    case 3: batch = try? JaegerThrift.datagram(bytes, .compact, limit: limit)
    default: batch = try? JaegerProtobuf.request(bytes, limit: limit)
    }
    guard let batch else { return 0 }
    let checked = try? Batch(validating: batch.contiguous(), as: .traces)
    precondition(checked?.itemCount == batch.itemCount, "the spans are not valid OTLP")
    return 0
}
