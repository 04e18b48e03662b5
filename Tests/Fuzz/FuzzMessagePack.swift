import Formats
import Wire

/// MessagePack in one piece and in two: no input crashes a reader, what is read can be written and reads as
/// it was, and values end where they end however they are cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let bytes = Bytes(copying: UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    var reader = MessagePackReader(bytes)
    let isValue = (try? reader.skip(depth: 16)) != nil
    if isValue {
        let value = try? MessagePackValue(decoding: bytes[0..<reader.position], depth: 16)
        guard let value else { preconditionFailure("what can be stepped over cannot be read") }
        let written = value.encoded()
        let again = try? MessagePackValue(decoding: written, depth: 16)
        precondition(again?.encoded().array == written.array, "a value is written in two ways")
    }
    var whole = MessagePackScanner(limit: 4096)
    let end = scan(&whole, bytes)
    if isValue, let end { precondition(end >= reader.position, "the scanner misses the end of a value") }
    var cut = MessagePackScanner(limit: 4096)
    let first = scan(&cut, bytes[0..<min(Int(start[0]), bytes.count)])
    if let first, let end {
        precondition(first <= end, "an end goes away when more has come")
        precondition(scan(&cut, bytes) == end, "where values end depends on how they are cut")
    }
    return 0
}

private func scan(_ scanner: inout MessagePackScanner, _ bytes: Bytes) -> Int? {
    try? bytes.withSpan { (span) throws(MessagePackError) in try scanner.wholeValues(in: span) }
}
