import Testing
import Wire

@Suite struct UTF8CheckTests {
    private func firstInvalid(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { UTF8Check.firstInvalid($0) }
    }

    @Test(arguments: [
        "", "a", "plain ASCII of more than eight", "grün", "€", "😀", "日本語のテキスト",
        "a\u{10FFFF}\u{D7FF}\u{E000}",
    ])
    func `valid text`(_ text: String) {
        #expect(firstInvalid(Array(text.utf8)) == nil)
    }

    @Test(
        arguments: [
            ([0x80], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x80, 0x80], 0),
            ([0xED, 0xA0, 0x80], 0), ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
            ([0xF5, 0x80, 0x80, 0x80], 0), ([0x41, 0xC3], 1), ([0xE2, 0x82], 0), ([0xC3, 0x41], 0),
            (Array("123456789".utf8) + [0xFF], 9), ([0xF0, 0x9F, 0x98, 0x41], 0),
        ] as [([UInt8], Int)])
    func `the first invalid byte`(_ bytes: [UInt8], _ index: Int) {
        #expect(firstInvalid(bytes) == index)
    }

    @Test func `agrees with the standard library on every two and three bytes that begin a sequence`() {
        for lead in UInt8(0x7F)...0xFF {
            for second in stride(from: 0x70, through: 0xFF, by: 1) {
                for third in [0x41, 0x80, 0xBF, 0xC0] as [UInt8] {
                    let bytes = [lead, UInt8(second), third]
                    let valid = String(validating: bytes, as: UTF8.self) != nil
                    #expect((firstInvalid(bytes) == nil) == valid, "\(bytes)")
                }
            }
        }
    }
}
