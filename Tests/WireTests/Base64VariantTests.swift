import Testing
import Wire

@Suite struct Base64VariantTests {
    /// Variant, bytes, their digits (RFC 4648, section 10, and bytes for which the alphabets differ).
    private static let table: [(String, [UInt8], String)] = [
        ("base64", [], ""), ("base64", Array("f".utf8), "Zg=="), ("base64", Array("fo".utf8), "Zm8="),
        ("base64", Array("foo".utf8), "Zm9v"), ("base64", Array("foobar".utf8), "Zm9vYmFy"),
        ("base64", [0xFB, 0xFF], "+/8="), ("base64-url", [0xFB, 0xFF], "-_8="),
        ("base64-raw", [0xFB, 0xFF], "+/8"), ("base64-raw-url", [0xFB, 0xFF], "-_8"),
    ]

    @Test(arguments: table)
    func `bytes have their digits`(_ name: String, _ bytes: [UInt8], _ digits: String) throws {
        let variant = try #require(Base64Variant(name: name))
        #expect(String(decoding: variant.encode(bytes), as: UTF8.self) == digits)
        #expect(variant.decode(Bytes(utf8: digits)) == bytes)
    }

    @Test func `all names and no others have a variant`() {
        for name in Base64Variant.names { #expect(Base64Variant(name: name) != nil) }
        #expect(Base64Variant(name: "base32") == nil)
    }

    @Test func `line ends are left out`() {
        #expect(Base64Variant.standard.decode(Bytes(utf8: "Zm9v\r\nYmFy\n")) == Array("foobar".utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Z===", "Zm9v!", "-_8=", "Zg==Zg=="])
    func `what is not in the variant is no bytes`(_ digits: String) {
        #expect(Base64Variant.standard.decode(Bytes(utf8: digits)) == nil)
    }
}
