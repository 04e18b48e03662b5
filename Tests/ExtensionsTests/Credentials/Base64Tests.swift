import Testing

@testable import Extensions

@Suite struct Base64Tests {
    // RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `texts of every length are written and read`(text: String, encoded: String) {
        #expect(Base64.encoded(text) == encoded)
        #expect(Base64.decoded(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Z", "Zm9v!", "Zm 9v", "Zm9v\n", "Zh-_", "===="])
    func `what is not base64 is nothing`(text: String) {
        #expect(Base64.decoded(text) == nil)
    }
}
