import Testing
import Wire

@Suite struct HexadecimalTests {
    @Test func `every byte comes back from its two digits`() {
        let all = (0...255).map { UInt8($0) }
        let text = Hexadecimal.text(of: all)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
        #expect(Hexadecimal.bytes(of: text) == all)
        #expect(Hexadecimal.bytes(of: text.uppercased()) == all)
        #expect(Hexadecimal.bytes(of: "") == [])
    }

    @Test(arguments: ["0", "0g", "g0", " 00", "0x00", "００", "é0"])
    func `what is not pairs of digits is no bytes`(text: String) {
        #expect(Hexadecimal.bytes(of: text) == nil)
    }
}
