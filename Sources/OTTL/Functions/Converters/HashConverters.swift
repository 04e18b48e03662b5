internal import CXXHash
internal import Crypto
internal import Wire

/// FNV, MD5, Murmur3Hash, SHA1, …: digests of text.
enum HashConverters {
    static let all: [Function] = [
        .ofString(
            "FNV", "value", gives: .int, summary: "The FNV-1a hash of 64 bits of the text, as an integer.",
            example: #"FNV("name")"#
        ) { text throws(EvaluationError) in .int(Int64(bitPattern: fnv(text))) },
        hex("MD5", "The MD5 digest of the text, for compatibility only.") { Insecure.MD5.hash(data: $0) },
        hex("SHA1", "The SHA-1 digest of the text, for compatibility only.") { Insecure.SHA1.hash(data: $0) },
        hex("SHA256", "The SHA-256 digest of the text.") { SHA256.hash(data: $0) },
        hex("SHA512", "The SHA-512 digest of the text.") { SHA512.hash(data: $0) },
        .ofString(
            "Murmur3Hash", "target", gives: .string,
            summary: "The Murmur3 hash of 32 bits of the text, in hexadecimal digits, lowest byte first.",
            example: #"Murmur3Hash(attributes["order.productId"])"#
        ) { text throws(EvaluationError) in
            .text(Hexadecimal.text(of: Murmur3.bytes(Murmur3.hash32(text.array))))
        },
        .ofString(
            "Murmur3Hash128", "target", gives: .string,
            summary: "The Murmur3 hash of 128 bits of the text, in hexadecimal digits, lowest byte first.",
            example: #"Murmur3Hash128(attributes["order.productId"])"#
        ) { text throws(EvaluationError) in
            let (low, high) = Murmur3.hash128(text.array)
            return .text(Hexadecimal.text(of: Murmur3.bytes(low) + Murmur3.bytes(high)))
        },
        .ofString(
            "XXH3", "value", gives: .string, summary: "The XXH3 hash of 64 bits of the text.",
            example: #"XXH3("name")"#
        ) { text throws(EvaluationError) in
            .text(text.withUnsafeBytes { Hexadecimal.text(of: XXH3_64bits($0.baseAddress, $0.count)) })
        },
        .ofString(
            "XXH128", "value", gives: .string, summary: "The XXH3 hash of 128 bits of the text.",
            example: #"XXH128("name")"#
        ) { text throws(EvaluationError) in
            let hash = text.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
            return .text(Hexadecimal.text(of: hash.high64) + Hexadecimal.text(of: hash.low64))
        },
    ]

    private static func hex(
        _ name: String, _ summary: String,
        _ digest: @escaping @Sendable (UnsafeRawBufferPointer) -> any Digest
    ) -> Function {
        .ofString(
            name, "value", gives: .string, summary: summary,
            example: #"\#(name)(resource.attributes["device.name"])"#
        ) { text throws(EvaluationError) in
            .text(text.withUnsafeBytes { Hexadecimal.text(of: Array(digest($0))) })
        }
    }

    static func fnv(_ text: Bytes) -> UInt64 {
        text.withUnsafeBytes {
            $0.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        }
    }
}

/// Austin Appleby's MurmurHash3, with the seed 0.
enum Murmur3 {
    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func rotate<Word: FixedWidthInteger>(_ word: Word, _ count: Word) -> Word {
        word << count | word >> (Word(Word.bitWidth) - count)
    }

    /// The bytes from `start` on as an integer, the lowest first, at most `size` of them.
    private static func word<Word: FixedWidthInteger>(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Word {
        bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | Word($1) }
    }

    static func hash32(_ bytes: [UInt8]) -> UInt32 {
        var hash: UInt32 = 0
        func mixed(_ word: UInt32) -> UInt32 { rotate(word &* 0xcc9e_2d51, 15) &* 0x1b87_3593 }
        let blocks = bytes.count / 4
        for block in 0..<blocks {
            hash = rotate(hash ^ mixed(word(bytes, block * 4, 4)), 13) &* 5 &+ 0xe654_6b64
        }
        hash ^= mixed(word(bytes, blocks * 4, bytes.count - blocks * 4))
        hash ^= UInt32(truncatingIfNeeded: bytes.count)
        hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
        hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
        return hash ^ hash >> 16
    }

    static func hash128(_ bytes: [UInt8]) -> (UInt64, UInt64) {
        let (first, second): (UInt64, UInt64) = (0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f)
        var (low, high): (UInt64, UInt64) = (0, 0)
        func mixedLow(_ word: UInt64) -> UInt64 { rotate(word &* first, 31) &* second }
        func mixedHigh(_ word: UInt64) -> UInt64 { rotate(word &* second, 33) &* first }
        let blocks = bytes.count / 16
        for block in 0..<blocks {
            low = (rotate(low ^ mixedLow(word(bytes, block * 16, 8)), 27) &+ high) &* 5 &+ 0x52dc_e729
            high = (rotate(high ^ mixedHigh(word(bytes, block * 16 + 8, 8)), 31) &+ low) &* 5 &+ 0x3849_5ab5
        }
        let (start, rest) = (blocks * 16, bytes.count - blocks * 16)
        if rest > 8 { high ^= mixedHigh(word(bytes, start + 8, rest - 8)) }
        low ^= mixedLow(word(bytes, start, min(rest, 8)))
        low ^= UInt64(bytes.count)
        high ^= UInt64(bytes.count)
        low = low &+ high
        high = high &+ low
        low = final(low)
        high = final(high)
        low = low &+ high
        return (low, high &+ low)
    }

    private static func final(_ word: UInt64) -> UInt64 {
        var word = (word ^ word >> 33) &* 0xff51_afd7_ed55_8ccd
        word = (word ^ word >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return word ^ word >> 33
    }
}
