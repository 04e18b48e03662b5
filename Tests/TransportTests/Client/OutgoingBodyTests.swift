import NIOCore
import Testing
import Wire

@testable import Transport

@Suite struct OutgoingBodyTests {
    @Test(arguments: [
        ([], []), ([""], []), (["ab"], ["ab"]), (["abc"], ["abc"]), (["abcd"], ["abc", "d"]),
        (["", "ab", "", "cdef", "g", ""], ["abc", "def", "g"]), (["a", "b", "c", "d"], ["abc", "d"]),
    ])
    func `pieces are as long as allowed and in order`(parts: [String], pieces: [String]) {
        var body = OutgoingBody(parts.map { Bytes(utf8: $0) })
        var found: [String] = []
        while body.count > 0, found.count < 10 {
            found.append(String(buffer: body.next(limit: 3, ByteBufferAllocator())))
        }
        #expect(found == pieces)
    }
}
