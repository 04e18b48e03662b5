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

    @Test func `integers have 16 digits`() {
        #expect(Hexadecimal.text(of: UInt64(0xAB)) == "00000000000000ab")
        #expect(Hexadecimal.text(of: UInt64.max) == "ffffffffffffffff")
    }

    @Test func `digits have their values`() {
        #expect(
            "0123456789abcdefABCDEF".utf8.map { Hexadecimal.value(of: $0) }
                == Array(0...15) + Array(10...15))
        #expect("/:@G`g".utf8.allSatisfy { Hexadecimal.value(of: $0) == nil })
    }

    @Test func `a byte has two digits and no sign`() {
        #expect(Hexadecimal.byte(UInt8(ascii: "f"), UInt8(ascii: "0")) == 0xF0)
        for high in "+- 0x".utf8 { #expect(Hexadecimal.byte(high, UInt8(ascii: "g")) == nil) }
        #expect(Hexadecimal.byte(UInt8(ascii: "+"), UInt8(ascii: "f")) == nil)
        #expect(Hexadecimal.byte(UInt8(ascii: "-"), UInt8(ascii: "0")) == nil)
    }

    @Test(arguments: ["0", "0g", "g0", " 00", "0x00", "００", "é0"])
    func `what is not pairs of digits is no bytes`(text: String) {
        #expect(Hexadecimal.bytes(of: text) == nil)
    }

    @Test(arguments: [("0", 0), ("fF", 255), ("ffffffffffffffff", UInt64.max)])
    func `up to 16 digits are an integer`(text: String, integer: UInt64) {
        #expect(Hexadecimal.integer(of: text.utf8) == integer)
    }

    @Test(arguments: ["", "+1", "-0", "0x1", "g", "00000000000000000"])
    func `other texts are no integer`(text: String) {
        #expect(Hexadecimal.integer(of: text.utf8) == nil)
    }
}
