import Testing
import Wire

@testable import OTTL

@Suite struct HashFunctionTests {
    private static let table: [(String, String, Value)] = [
        ("FNV", "hello world", 8_618_312_879_776_256_743), ("FNV", "", -3_750_763_034_362_895_579),
        ("MD5", "hello world", "5eb63bbbe01eeed093cb22bb8f5acdc3"),
        ("MD5", "", "d41d8cd98f00b204e9800998ecf8427e"),
        ("SHA1", "hello world", "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"),
        ("SHA256", "hello world", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
        (
            "SHA512", "hello world",
            .text(
                "309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f"
                    + "989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f")
        ),
        ("Murmur3Hash", "Hello World", "ce837619"), ("Murmur3Hash", "", "00000000"),
        ("Murmur3Hash128", "Hello World", "dbc2a0c1ab26631a27b4c09fcf1fe683"),
        ("Murmur3Hash128", "", "00000000000000000000000000000000"),
        ("XXH3", "hello world", "d447b1ea40e6988b"),
        ("XXH3", "", "2d06800538d394c2"), ("XXH128", "hello world", "df8d09e93f874900a99b8775cc15b6c7"),
    ]

    @Test(arguments: table)
    func `digests are those that others compute`(_ name: String, _ text: String, _ digest: Value) throws {
        #expect(try Calls.converter(name, [.text(text)]).shown == digest.shown)
    }

    @Test func `Murmur3 mixes rests of every length`() {
        // Lengths 0 to 32 of a counting text, folded into one number; of the reference implementation.
        var digests: Set<String> = []
        for count in 0...40 {
            let bytes = (0..<count).map { UInt8($0) }
            let (low, high) = Murmur3.hash128(bytes)
            digests.insert("\(Murmur3.hash32(bytes)) \(low) \(high)")
        }
        #expect(digests.count == 41)
    }

    @Test func `ids are made of bytes and of digits`() throws {
        let id = try Calls.converter("TraceID", ["A389023abaa839283293ed323892389d"])
        #expect(id.shown == "0xa389023abaa839283293ed323892389d")
        #expect(try Calls.converter("TraceID", [id]).shown == id.shown)
        #expect(try Calls.converter("ProfileID", [id]).shown == id.shown)
        #expect(
            try Calls.converter("SpanID", ["0102030405060708"], isConstant: false).shown
                == "0x0102030405060708")
        for (name, value) in [
            ("TraceID", Value.text("a389")), ("SpanID", id), ("SpanID", "010203040506070g"),
        ] {
            #expect(throws: EvaluationError.self) { try Calls.converter(name, [value], isConstant: false) }
        }
    }
}
